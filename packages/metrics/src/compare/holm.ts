import { checkNumber, DataError } from '@ltml/tensor';

/**
 * Corrects the p values of several comparisons with Holm's step-down method. If you accept those up to α as
 * significant, the probability of even one false finding is at most α, whatever the comparisons have in common.
 *
 * The smallest of m values is multiplied by m, the next by m − 1, and so on. Each result is at least the one before it
 * and at most 1. NaN marks a comparison that could not be made: it stays NaN and does not count in m.
 *
 * @param pValues in [0, 1] or NaN
 * @returns corrected p values in the same order
 * @throws DataError on a number outside of [0, 1]
 * Source: Holm, A simple sequentially rejective multiple test procedure, Scandinavian Journal of Statistics 6 (1979).
 */
export function holm(pValues: readonly number[]): number[] {
  const wrong = pValues.findIndex((p) => p < 0 || p > 1);
  if (wrong >= 0) {
    const received = String(pValues[wrong]);
    throw new DataError({ where: 'holm', argument: `pValues[${wrong}]`, expected: 'in [0, 1]', received });
  }
  const order = [...pValues.keys()].filter((i) => !Number.isNaN(pValues[i])).sort((a, b) => pValues[a] - pValues[b]);
  const corrected = pValues.map(() => Number.NaN);
  let floor = 0;
  for (const [rank, i] of order.entries()) {
    floor = Math.min(1, Math.max(floor, (order.length - rank) * pValues[i]));
    corrected[i] = floor;
  }
  return corrected;
}

/**
 * The two-sided p value of a difference with a known interval. It assumes a normal distribution whose central interval
 * has the same width.
 *
 * @param confidence coverage of the interval, in (0, 1); default 0.95
 * @returns NaN if the difference or an end is NaN. For an interval of width 0: 1 if the difference is 0, else 0
 * @throws OptionError
 */
export function pValueOfInterval(
  { difference, low, high }: { readonly difference: number; readonly low: number; readonly high: number },
  confidence = 0.95,
): number {
  checkNumber('pValueOfInterval', 'confidence', confidence, { above: 0, below: 1 });
  const width = high - low;
  if (Number.isNaN(width) || Number.isNaN(difference)) return Number.NaN;
  if (width <= 0) return difference === 0 ? 1 : 0;
  const deviations = (2 * normalQuantile((1 + confidence) / 2) * Math.abs(difference)) / width;
  return Math.min(1, 2 * upperTail(deviations));
}

/** P(Z > z) of a standard normal Z, z ≥ 0, to 1e-9 or better, by Simpson's rule. */
function upperTail(z: number): number {
  if (z > 38) return 0;
  const density = (x: number): number => Math.exp(-0.5 * x * x) / Math.sqrt(2 * Math.PI);
  // The part beyond another 12 deviations is below 1e-30 of the whole.
  const [steps, width] = [2000, 12];
  const h = width / steps;
  let sum = density(z) + density(z + width);
  for (let i = 1; i < steps; i++) sum += density(z + i * h) * (i % 2 === 1 ? 4 : 2);
  return (sum * h) / 3;
}

/** z with P(Z ≤ z) = p, p in (0.5, 1), by bisection. */
function normalQuantile(p: number): number {
  let [low, high] = [0, 40];
  for (let i = 0; i < 80; i++) {
    const middle = (low + high) / 2;
    if (1 - upperTail(middle) < p) low = middle;
    else high = middle;
  }
  return (low + high) / 2;
}
