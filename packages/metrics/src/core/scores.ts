import { DataError, ShapeError } from '@ltml/tensor';
import { checkLabels, type Labels } from '@ltml/tensor/labels';

/** A model's scores of images, row-major in host memory. */
export interface ScoreMatrix {
  /** N, the number of images. */
  readonly rows: number;
  /** C, the number of classes. */
  readonly columns: number;
  /**
   * [N, C] higher is more likely. Rank logits rather than probabilities: a float32 sigmoid is exactly 1 from 17 on,
   * which makes ties.
   */
  readonly scores: Float32Array;
}

/** Scores with their labels. An entry that is not `known` is ignored, unless a metric says otherwise. */
export interface Scores extends ScoreMatrix, Labels {}

/**
 * Checks that scores have the right size and contain no NaN. Infinite scores are allowed: they rank first or last.
 *
 * @throws ShapeError on sizes that are not whole numbers from 0, and on a length other than rows × columns; DataError
 *   naming row and class of the first NaN
 */
export function checkScoreMatrix(
  where: string,
  { rows, columns, scores }: Pick<ScoreMatrix, 'rows' | 'columns'> & { readonly scores: ArrayLike<number> },
): void {
  for (const [argument, count] of Object.entries({ rows, columns })) {
    if (Number.isSafeInteger(count) && count >= 0) continue;
    throw new ShapeError({ where, argument, expected: 'a whole number from 0', received: `${count}` });
  }
  if (scores?.length !== rows * columns) {
    throw new ShapeError({
      where,
      argument: 'scores',
      expected: `[N, C] = [${rows}, ${columns}], ${rows * columns} entries`,
      received: scores ? `${scores.length} entries` : `${scores}`,
    });
  }
  for (let at = 0; at < scores.length; at++) {
    const score = scores[at];
    // All numbers but NaN.
    if (typeof score === 'number' && score >= Number.NEGATIVE_INFINITY) continue;
    throw new DataError({
      where,
      argument: 'scores',
      expected: 'numbers',
      received: `${score} at row ${Math.floor(at / columns)}, class ${at % columns}`,
    });
  }
}

/** {@link checkScoreMatrix}, and checks that the labels have the same size. */
export function checkScores(where: string, scores: Scores): void {
  checkScoreMatrix(where, scores);
  checkLabels(where, scores);
}
