import { checkCount } from '@ltml/tensor';
import type { ScoreMatrix } from '../core/scores.ts';

/** Checks k. @throws OptionError unless 1 ≤ k ≤ C */
export function checkTopK(where: string, argument: string, k: number, columns: number): void {
  checkCount(where, argument, k, { min: 1, max: columns });
}

/**
 * The k highest-scoring classes of an image, highest first; of equal scores the lower index first.
 *
 * @param into [k] receives the class indices
 */
export function highestClasses({ scores, columns }: ScoreMatrix, row: number, into: Int32Array): void {
  const start = row * columns;
  let filled = 0;
  for (let c = 0; c < columns; c++) {
    const score = scores[start + c];
    if (filled === into.length && score <= scores[start + into[filled - 1]]) continue;
    let place = filled < into.length ? filled++ : filled - 1;
    for (; place > 0 && scores[start + into[place - 1]] < score; place--) into[place] = into[place - 1];
    into[place] = c;
  }
}
