import { DataError, ShapeError } from '@ltml/tensor';
import { checkScoreMatrix, type ScoreMatrix } from '../core/scores.ts';

/**
 * Marks the classes whose score is at least their threshold.
 *
 * @param thresholds [C]
 * @returns [N, C] 1 where the class is present
 * @throws ShapeError, DataError
 */
export function atLeastThresholds(matrix: ScoreMatrix, thresholds: ArrayLike<number>): Uint8Array {
  checkScoreMatrix('atLeastThresholds', matrix);
  const { columns, scores } = matrix;
  if (thresholds.length !== columns) {
    throw new ShapeError({
      where: 'atLeastThresholds',
      argument: 'thresholds',
      expected: `[C] = [${columns}], to fit scores`,
      received: `[${thresholds.length}]`,
    });
  }
  const bad = Array.from(thresholds).findIndex((value) => typeof value !== 'number' || Number.isNaN(value));
  if (bad >= 0) {
    const received = `${thresholds[bad]} for class ${bad}`;
    throw new DataError({ where: 'atLeastThresholds', argument: 'thresholds', expected: 'numbers', received });
  }
  return Uint8Array.from(scores, (score, at) => (score >= thresholds[at % columns] ? 1 : 0));
}
