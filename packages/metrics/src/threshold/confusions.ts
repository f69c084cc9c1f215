import { checkPredicted } from '../core/check-predicted.ts';
import { checkScores, type Scores } from '../core/scores.ts';

/** Two errors in the same images: one class is missed, another is predicted wrongly. */
export interface Confusion {
  /** Index of the class that is present and not predicted. */
  readonly missed: number;
  /** Index of the class that is predicted and absent. */
  readonly predicted: number;
  /** Number of images with both errors. */
  readonly images: number;
}

/**
 * Counts which errors occur together: in each image, every missed class with every wrongly predicted class. With one
 * label per image it is the confusion matrix without its diagonal. Unknown labels do not count as errors.
 *
 * Cost: quadratic in the number of errors of an image.
 *
 * @param predicted [N, C] 1 where a class is predicted
 * @returns the most frequent first, equal counts ordered by class
 * @throws ShapeError, DataError
 */
export function confusions(scores: Scores, predicted: Uint8Array): Confusion[] {
  checkScores('confusions', scores);
  checkPredicted('confusions', scores, predicted);
  const { rows, columns, present, known } = scores;
  const images = new Map<number, number>();
  for (let row = 0; row < rows; row++) {
    const missed: number[] = [];
    const wrong: number[] = [];
    for (let c = 0; c < columns; c++) {
      const at = row * columns + c;
      if (present[at] === predicted[at] || (known && known[at] === 0)) continue;
      (present[at] === 1 ? missed : wrong).push(c);
    }
    for (const m of missed) {
      for (const p of wrong) images.set(m * columns + p, (images.get(m * columns + p) ?? 0) + 1);
    }
  }
  return [...images]
    .sort(([a, m], [b, n]) => n - m || a - b)
    .map(([pair, count]) => ({ missed: Math.floor(pair / columns), predicted: pair % columns, images: count }));
}
