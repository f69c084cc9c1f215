import type { Differences } from './summary.ts';
import { spread } from './summary.ts';
import type { Interval, TrackDescription, TrackParts, TrackRun } from './track.ts';

/** The method that another one is compared with; none for the track's baseline. */
export function referenceOf({ methods, baseline }: Pick<TrackDescription, 'methods' | 'baseline'>, method: string) {
  return methods[method].against ?? (method === baseline ? undefined : baseline);
}

/**
 * Differences to the baseline, or to what a method names, with 95 % intervals: for each seed an interval over the test images, then the mean over
 * seeds of the difference and of both ends. Averaging over seeds does not narrow the interval.
 *
 * @param runs of each method, in the order of the seeds
 */
export function compareMethods(
  track: Pick<TrackDescription, 'methods' | 'baseline'>,
  { compare }: TrackParts,
  runs: ReadonlyMap<string, readonly TrackRun[]>,
): Differences {
  const differences: Record<string, Readonly<Record<string, Interval>>> = {};
  for (const [method, own] of runs) {
    const reference = runs.get(referenceOf(track, method) ?? '');
    if (!reference || own.length === 0) continue;
    const intervals = own.map((run, i) => compare(reference[i], run, i));
    differences[method] = Object.fromEntries(Object.keys(intervals[0]).map((name) => [name, meanOf(intervals, name)]));
  }
  return differences;
}

function meanOf(intervals: readonly Readonly<Record<string, Interval>>[], name: string): Interval {
  const mean = (end: keyof Interval): number => spread(intervals.map((interval) => interval[name][end])).mean;
  return { difference: mean('difference'), low: mean('low'), high: mean('high') };
}
