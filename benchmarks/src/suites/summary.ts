import type { Differences } from './differences.ts';
import type { Interval, Measures } from './measures/measure.ts';
import type { RunRecord } from './run-record.ts';
import { mean, type Spread, spread } from './spread.ts';
import type { Suite } from './suite.ts';

/** Summary of the runs of a row. */
export interface RowSummary {
  readonly row: string;
  readonly title: string;
  readonly runs: number;
  /** Spread of each measure. */
  readonly measures: Readonly<Record<string, Spread>>;
  readonly seconds: Spread;
  /** [C] the measure of each class, averaged over seeds, as fractions. */
  readonly perClass: readonly number[];
  /** Difference to the row that it is compared with, by measure; undefined for the baseline. */
  readonly difference?: Readonly<Record<string, Interval>> | undefined;
  /** [C] `perClass` minus that of the previous step of the ladder. */
  readonly increments?: readonly number[] | undefined;
}

/** Summarises runs row by row, in the order of the suite. Rows without a run are left out. */
export function summarize(
  { rows }: Suite,
  runs: readonly RunRecord[],
  measures: Measures,
  differences: Differences,
): RowSummary[] {
  const perClass = new Map<string, readonly number[]>();
  return Object.entries(rows).flatMap(([row, { title, after }]) => {
    const own = runs.filter((run) => run.row === row);
    if (own.length === 0) return [];
    const values = own.map((run) => measures.of(run));
    const classes = own.map((run) => measures.perClass(run));
    const means = classes[0].map((_, c) => mean(classes.map((each) => each[c])));
    perClass.set(row, means);
    const before = after === undefined ? undefined : perClass.get(after);
    return {
      row,
      title,
      runs: own.length,
      measures: Object.fromEntries(
        Object.keys(measures.titles).map((name) => [name, spread(values.map((each) => each[name]))]),
      ),
      seconds: spread(own.map((run) => run.seconds)),
      perClass: means,
      difference: differences[row],
      increments: before && means.map((value, c) => value - before[c]),
    };
  });
}

/** Classes from the most to the least frequent in training. Ties are in index order. */
export function byFrequency(classCounts: readonly number[]): number[] {
  return [...classCounts.keys()].sort((a, b) => classCounts[b] - classCounts[a]);
}
