import { checkCount, checkNumber } from '@ltml/tensor';

/** What a check of a data set found beside what the published one has. */
export interface CheckedFact {
  readonly what: string;
  readonly found: number | string;
  readonly expected: string;
  readonly holds: boolean;
}

/** A count that should be exact, or from … to where only rounded figures are published. */
export type ExpectedCount = number | readonly [from: number, to: number];

export function compareCount(what: string, found: number, expected: ExpectedCount): CheckedFact {
  const [from, to] = typeof expected === 'number' ? [expected, expected] : expected;
  return { what, found, expected: from === to ? `${from}` : `${from} to ${to}`, holds: found >= from && found <= to };
}

/**
 * Recall over precision at k, micro over images: k · images / positives, whatever the scores.
 *
 * The true positives cancel out; NaN of no images, ∞ of images without positives. Two evaluations with another ratio were not made on the same labels.
 */
export function recallOverPrecision(k: number, images: number, positives: number): number {
  checkCount('recallOverPrecision', 'k', k);
  checkCount('recallOverPrecision', 'images', images, { min: 0 });
  checkNumber('recallOverPrecision', 'positives', positives, { min: 0 });
  return (k * images) / positives;
}
