import { DataError, ShapeError } from '@ltml/tensor';
import type { ScoreMatrix } from './scores.ts';

/**
 * Checks the class index of each image, for data with one class per image.
 *
 * @param labels [N]
 * @throws ShapeError unless there is one label per image; DataError on a label that is not a class index, naming the
 *   row
 */
export function checkClassLabels(where: string, { rows, columns }: ScoreMatrix, labels: ArrayLike<number>): void {
  if (labels.length !== rows) {
    throw new ShapeError({
      where,
      argument: 'labels',
      expected: `[N] = [${rows}], to fit logits`,
      received: `[${labels.length}]`,
    });
  }
  const bad = Array.from(labels).findIndex((label) => !(Number.isInteger(label) && label >= 0 && label < columns));
  if (bad < 0) return;
  throw new DataError({
    where,
    argument: 'labels',
    expected: `a class from 0 to ${columns - 1} everywhere`,
    received: `${labels[bad]} at row ${bad}`,
  });
}

/** Checks the highest logit of an image, from which its softmax is computed. @throws DataError unless it is finite */
export function checkHighest(where: string, { scores, columns }: ScoreMatrix, row: number, highest: number): void {
  const score = scores[row * columns + highest];
  if (Number.isFinite(score)) return;
  throw new DataError({
    where,
    argument: 'logits',
    expected: 'a finite highest logit in each row',
    received: `${score} at row ${row}, class ${highest}`,
  });
}
