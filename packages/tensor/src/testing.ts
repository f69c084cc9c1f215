import type { StepContext } from './contract/stage.ts';
import { RandomStreams } from './random.ts';

/** How close two numbers must be: |actual − expected| ≤ absolute + relative · |expected|. */
export interface Tolerance {
  readonly relative?: number;
  readonly absolute?: number;
}

type Numbers = ArrayLike<number>;

/**
 * Asserts that two lists of numbers are close, entry by entry.
 *
 * NaN equals only NaN, and an infinity only itself. (TensorFlow.js's own helper accepts any two non-finite values.)
 *
 * @param tolerance default relative 1e-4 and absolute 1e-6
 * @throws Error with the number of entries that differ, and the position and the values of the worst
 */
export function expectClose(actual: Numbers, expected: Numbers, tolerance: Tolerance = {}): void {
  const mismatch = findMismatch(actual, expected, tolerance);
  if (mismatch) throw new Error(mismatch);
}

/** The message that {@link expectClose} would throw, or null. */
export function findMismatch(actual: Numbers, expected: Numbers, tolerance: Tolerance = {}): string | null {
  const { relative = 1e-4, absolute = 1e-6 } = tolerance;
  if (actual.length !== expected.length) return `expected ${expected.length} numbers, got ${actual.length}`;
  let wrong = 0;
  let worst = -1;
  let worstExcess = Number.NEGATIVE_INFINITY;
  for (let i = 0; i < expected.length; i++) {
    const a = actual[i];
    const e = expected[i];
    if (Object.is(a, e) || a === e) continue;
    const difference = Math.abs(a - e);
    const allowed = absolute + relative * Math.abs(e);
    // Written so that NaN or an infinity on one side only never counts as close.
    if (difference <= allowed && Number.isFinite(e)) continue;
    wrong++;
    const excess = Number.isFinite(difference) ? difference / allowed : Number.POSITIVE_INFINITY;
    if (excess > worstExcess) {
      worst = i;
      worstExcess = excess;
    }
  }
  if (wrong === 0) return null;
  return (
    `${wrong} of ${expected.length} numbers differ; the worst at ${worst}: expected ${expected[worst]}, ` +
    `got ${actual[worst]} (relative ${relative}, absolute ${absolute})`
  );
}

/** The context of a stage whose only step is tried by itself, on one rank. */
export function onlyStep(random: RandomStreams = new RandomStreams(0)): StepContext {
  return { step: 0, totalSteps: 1, epoch: 0, epochs: 1, random, gather: (rows) => rows };
}
