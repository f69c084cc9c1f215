import type { Scores } from '@ltml/metrics';

/** Images that a model is most wrong about in a class. */
export interface ClassErrors {
  /** The class. */
  readonly index: number;
  /** Images without it that are taken to show it, the highest score first. */
  readonly falsePositives: readonly number[];
  /** Images of it that are not taken to show it, the lowest score first. */
  readonly misses: readonly number[];
}

/**
 * The worst errors of each class; unknown labels are none.
 *
 * @param predicted [N, C] 1 where a class is predicted; null where scores only rank: then every image counts that lacks the
 *   class, and every one that shows it
 * @param count of images of each kind
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
