import type { Interval, Measures } from './measures/measure.ts';
import type { RunRecord } from './run-record.ts';
import { mean } from './spread.ts';
import { referenceOf, type Suite } from './suite.ts';

/** Differences by row and measure. */
export type Differences = Readonly<Record<string, Readonly<Record<string, Interval>>>>;

/**
 * The difference of each row to the row that it is compared with, with a 95 % interval. For each common seed there is
 * an interval over the test images. The result is the mean over seeds of the difference and of both ends. Averaging
 * does not narrow the interval.
 */
export function differencesOf(suite: Suite, runs: readonly RunRecord[], { compare }: Measures): Differences {
  return Object.fromEntries(
    Object.keys(suite.rows).flatMap((row) => {
      const reference = referenceOf(suite, row);
      const pairs = runs
        .filter((run) => run.row === row)
        .flatMap((second) => {
          const first = runs.find((run) => run.row === reference && run.seed === second.seed);
          return first ? [[first, second] as const] : [];
        });
      if (pairs.length === 0) return [];
      // The same seed gives every row the same bootstrap samples of images.
      const intervals = pairs.map(([first, second]) => compare(first, second, suite.seeds.indexOf(second.seed)));
      const names = Object.keys(intervals[0]);
      return [[row, Object.fromEntries(names.map((name) => [name, meanOf(intervals, name)]))]];
    }),
  );
}

function meanOf(intervals: readonly Readonly<Record<string, Interval>>[], name: string): Interval {
  const of = (end: keyof Interval): number => mean(intervals.map((interval) => interval[name][end]));
  return { difference: of('difference'), low: of('low'), high: of('high') };
}
