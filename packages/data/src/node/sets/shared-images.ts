import type { ReadSet } from './set-reader.ts';

/** Images that are both in a split of one data set and in a split of another. */
export interface SharedImages {
  readonly splits: readonly [string, string];
  readonly count: number;
  /** Some of their COCO ids. */
  readonly examples: readonly number[];
}

const mostExamples = 5;

/**
 * Finds pictures that two data sets share, by their COCO ids. COCO 2014 and 2017 have the same pictures in different
 * splits, and about half of Visual Genome comes from COCO. Training on pictures that another data set tests on is a
 * leak.
 *
 * @returns the pairs of splits that share pictures
 */
export function sharedImages(one: ReadSet, other: ReadSet): readonly SharedImages[] {
  const pairs: SharedImages[] = [];
  for (const [a, left] of Object.entries(one.splits)) {
    const ids = new Set(Array.from(left.cocoIds ?? []).filter((id) => id >= 0));
    for (const [b, right] of Object.entries(other.splits)) {
      const same = Array.from(right.cocoIds ?? []).filter((id) => ids.has(id));
      if (same.length > 0) pairs.push({ splits: [a, b], count: same.length, examples: same.slice(0, mostExamples) });
    }
  }
  return pairs;
}
