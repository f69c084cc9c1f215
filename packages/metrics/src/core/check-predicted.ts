import { ShapeError } from '@ltml/tensor';
import { checkBits } from '@ltml/tensor/labels';
import type { ScoreMatrix } from './scores.ts';

/**
 * Checks a matrix of predictions.
 *
 * @param predicted [N, C] 1 where a class is predicted, else 0
 * @throws ShapeError on another length; DataError on values other than 0 and 1
 */
export function checkPredicted(where: string, { rows, columns }: ScoreMatrix, predicted: ArrayLike<number>): void {
  if (predicted.length !== rows * columns) {
    throw new ShapeError({
      where,
      argument: 'predicted',
      expected: `[N, C] = [${rows}, ${columns}], to fit scores`,
      received: `${predicted.length} entries`,
    });
  }
  checkBits(where, 'predicted', predicted, [rows, columns]);
}
