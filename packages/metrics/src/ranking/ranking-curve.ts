import { DataError, ShapeError } from '@ltml/tensor';
import { checkBits } from '@ltml/tensor/labels';

/**
 * The images of one class from the highest score down, with one point for each distinct score of a positive. Images of
 * equal score form one step, so the order of ties does not matter.
 */
export interface RankingCurve {
  /** P, the number of positives. */
  readonly positives: number;
  /** [points] number of positives with at least this score; strictly rising, the last is P. */
  readonly truePositives: Int32Array;
  /** [points] number of images with at least this score. */
  readonly retrieved: Int32Array;
}

/** A ranking curve with the scores at its points. */
export interface ThresholdCurve extends RankingCurve {
  /** [points] the score of each point, strictly falling: a threshold at this score retrieves the point's images. */
  readonly thresholds: Float32Array;
}

/**
 * Ranks the images of a class.
 *
 * Only the positives are sorted. Every other image finds its place by bisection: N log P steps.
 *
 * @param scores [N] without NaN
 * @param present [N] 1 present, 0 absent
 * @throws ShapeError unless both have the same length; DataError on NaN or a label other than 0 and 1
 */
export function rankingCurve(scores: Float32Array, present: Uint8Array): ThresholdCurve {
  checkColumn(scores, present);
  const ascending = positiveScores(scores, present).sort();
  const thresholds = ascending.filter((score, i) => i === 0 || score !== ascending[i - 1]);
  const points = thresholds.length;
  const truePositives = new Int32Array(points);
  const retrieved = new Int32Array(points);
  // First count the images between two thresholds, point 0 being the highest; then sum from the top.
  for (let i = 0; i < scores.length; i++) {
    const reached = countAtMost(thresholds, Math.fround(scores[i]));
    if (reached === 0) continue;
    retrieved[points - reached]++;
    truePositives[points - reached] += present[i];
  }
  for (let point = 1; point < points; point++) {
    retrieved[point] += retrieved[point - 1];
    truePositives[point] += truePositives[point - 1];
  }
  return { positives: ascending.length, truePositives, retrieved, thresholds: thresholds.reverse() };
}

function checkColumn(scores: Float32Array, present: Uint8Array): void {
  const where = 'rankingCurve';
  if (present.length !== scores.length) {
    const expected = `[N] = [${scores.length}], to fit scores`;
    throw new ShapeError({ where, argument: 'present', expected, received: `[${present.length}]` });
  }
  checkBits(where, 'present', present, [present.length]);
  for (let i = 0; i < scores.length; i++) {
    if (typeof scores[i] === 'number' && scores[i] >= Number.NEGATIVE_INFINITY) continue;
    throw new DataError({ where, argument: 'scores', expected: 'numbers', received: `${scores[i]} at [${i}]` });
  }
}

function positiveScores(scores: Float32Array, present: Uint8Array): Float32Array {
  let count = 0;
  for (let i = 0; i < present.length; i++) count += present[i];
  const positives = new Float32Array(count);
  for (let i = 0, at = 0; at < count; i++) if (present[i] === 1) positives[at++] = scores[i];
  return positives;
}

/** How many of the ascending values are `limit` or less. */
function countAtMost(ascending: Float32Array, limit: number): number {
  let low = 0;
  let high = ascending.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if (ascending[middle] <= limit) low = middle + 1;
    else high = middle;
  }
  return low;
}
