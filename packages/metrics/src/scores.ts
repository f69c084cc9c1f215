import { DataError, ShapeError } from '@ltml/tensor';
import { checkLabels, type Labels } from '@ltml/tensor/labels';

/** What a model says of images, row-major on the host. */
export interface ScoreMatrix {
  /** N, the number of images. */
  readonly rows: number;
  /** C, the number of classes. */
  readonly columns: number;
  /** [N, C] higher is more likely. Rank logits, not probabilities: a float32 sigmoid is 1 from 17 on and makes ties. */
  readonly scores: Float32Array;
}

/** Scores with their targets. An entry that is not `known` takes part in nothing, unless a metric says otherwise. */
export interface Scores extends ScoreMatrix, Labels {}

/**
 * Checks that scores are complete numbers.
 *
 * @throws ShapeError on a length other than rows × columns; DataError naming the first NaN by row and class
 */
export function checkScoreMatrix(where: string, { rows, columns, scores }: ScoreMatrix): void {
  if (scores.length !== rows * columns) {
    throw new ShapeError({
      where,
      argument: 'scores',
      expected: `[N, C] = [${rows}, ${columns}], ${rows * columns} entries`,
      received: `${scores.length} entries`,
    });
  }
  for (let at = 0; at < scores.length; at++) {
    if (!Number.isNaN(scores[at])) continue;
    throw new DataError({
      where,
      argument: 'scores',
      expected: 'numbers',
      received: `NaN at row ${Math.floor(at / columns)}, class ${at % columns}`,
    });
  }
}

/** {@link checkScoreMatrix}, and that the targets fit. */
export function checkScores(where: string, scores: Scores): void {
  checkScoreMatrix(where, scores);
  checkLabels(where, scores);
}
