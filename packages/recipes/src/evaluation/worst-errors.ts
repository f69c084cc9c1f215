import type { Scores } from '@ltml/metrics';

/** The images with the largest errors of a class. */
export interface ClassErrors {
  /** Index of the class. */
  readonly index: number;
  /** Images without the class that are predicted to have it, the highest score first. */
  readonly falsePositives: readonly number[];
  /** Images with the class that are not predicted to have it, the lowest score first. */
  readonly misses: readonly number[];
}

/**
 * The largest errors of each class. Unknown labels do not count.
 *
 * @param predicted [N, C] 1 where a class is predicted. Null for scores that only rank; then all images count, those
 * without the class as false positives and those with it as misses
 * @param count largest number of images of each kind
 */
export function worstErrors(scores: Scores, predicted: Uint8Array | null, count: number): ClassErrors[] {
  const { rows, columns, present, known, scores: values } = scores;
  return Array.from({ length: columns }, (_, index) => {
    const falsePositives: number[] = [];
    const misses: number[] = [];
    for (let row = 0, at = index; row < rows; row++, at += columns) {
      if ((known && known[at] === 0) || (predicted && predicted[at] === present[at])) continue;
      (present[at] === 1 ? misses : falsePositives).push(row);
    }
    const score = (row: number): number => values[row * columns + index];
    falsePositives.sort((a, b) => score(b) - score(a) || a - b);
    misses.sort((a, b) => score(a) - score(b) || a - b);
    return { index, falsePositives: falsePositives.slice(0, count), misses: misses.slice(0, count) };
  });
}
