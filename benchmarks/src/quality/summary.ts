import type { RunRecord, TrackRecord } from './record.ts';
import type { Interval } from './track.ts';

/** Mean and standard deviation (n − 1) over seeds; the deviation of a single value is 0. */
export interface Spread {
  readonly mean: number;
  readonly deviation: number;
}

/** What the seeds of one method say together. */
export interface MethodSummary {
  readonly key: string;
  readonly title: string;
  readonly runs: number;
  /** By measure. */
  readonly measures: Readonly<Record<string, Spread>>;
  readonly seconds: Spread;
  /** [C] AP averaged over seeds, fractions. */
  readonly perClass: readonly number[];
  /** To the baseline, or to what the method is compared with, by measure; none for the baseline itself. */
  readonly difference?: Readonly<Record<string, Interval>>;
  /** [C] AP minus that of the step of the ladder before. */
  readonly increments?: readonly number[];
}

/** Differences by method and measure. */
export type Differences = Readonly<Record<string, Readonly<Record<string, Interval>>>>;

/** Puts the runs of a track together, method by method in the order of its description; one without a run is left out. */
export function summarize(
  { key: track, methods, measures, classes }: TrackRecord,
  runs: readonly RunRecord[],
  differences: Differences = {},
): MethodSummary[] {
  const perClass = new Map<string, number[]>();
  return Object.entries(methods).flatMap(([key, { title, after }]) => {
    const own = runs.filter((run) => run.track === track && run.method === key);
    if (own.length === 0) return [];
    const mean = classes.map((_, c) => spread(own.map((run) => run.perClass[c])).mean);
    perClass.set(key, mean);
    const before = after === undefined ? undefined : perClass.get(after);
    return {
      key,
      title,
      runs: own.length,
      measures: Object.fromEntries(
        measures.map(({ key: name }) => [name, spread(own.map((run) => run.measures[name]))]),
      ),
      seconds: spread(own.map((run) => run.seconds)),
      perClass: mean,
      difference: differences[key],
      increments: before && mean.map((value, c) => value - before[c]),
    };
  });
}

export function spread(values: readonly number[]): Spread {
  const mean = values.reduce((sum, value) => sum + value, 0) / values.length;
  const squares = values.reduce((sum, value) => sum + (value - mean) ** 2, 0);
  return { mean, deviation: values.length < 2 ? 0 : Math.sqrt(squares / (values.length - 1)) };
}

/** Classes from the most to the least frequent in training; equal ones in index order. */
export function byFrequency(classCounts: readonly number[]): number[] {
  return [...classCounts.keys()].sort((a, b) => classCounts[b] - classCounts[a]);
}
