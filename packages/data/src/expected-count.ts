import { checkCount, checkNumber } from '@ltml/tensor';

/** A number found by checking a data set, beside the published one. */
export interface CheckedFact {
  readonly what: string;
  readonly found: number | string;
  readonly expected: string;
  readonly holds: boolean;
}

/** The published number: an exact count, or a range if only rounded figures are published. */
export type ExpectedCount = number | readonly [from: number, to: number];

/** Compares a count with the published one. */
export function compareCount(what: string, found: number, expected: ExpectedCount): CheckedFact {
  const [from, to] = typeof expected === 'number' ? [expected, expected] : expected;
  return { what, found, expected: from === to ? `${from}` : `${from} to ${to}`, holds: found >= from && found <= to };
}

/**
 * Recall divided by precision at k, micro over images: k · images / positives. It does not depend on the scores,
 * because the true positives cancel out. So two evaluations with different ratios were not made with the same labels.
 *
 * @returns NaN without images, ∞ without positives
 * @throws OptionError
 */
export function recallOverPrecision(k: number, images: number, positives: number): number {
  checkCount('recallOverPrecision', 'k', k);
  checkCount('recallOverPrecision', 'images', images, { min: 0 });
  checkNumber('recallOverPrecision', 'positives', positives, { min: 0 });
  return (k * images) / positives;
}
