import { type GroupScores, groupNames, type RunRecord, type SuiteDescription } from './record.ts';

/** Mean and standard deviation (n − 1) over seeds; the deviation of a single value is 0. */
export interface Spread {
  readonly mean: number;
  readonly deviation: number;
}

/** A difference to the baseline with its 95 % interval, fractions. */
interface Difference {
  readonly mean: number;
  readonly low: number;
  readonly high: number;
}

/** What the seeds of one method say together. */
export interface MethodSummary {
  readonly key: string;
  readonly title: string;
  readonly runs: number;
  readonly mAP: Readonly<Record<keyof GroupScores, Spread>>;
  readonly seconds: Spread;
  /** [C] AP averaged over seeds, fractions. */
  readonly perClass: readonly number[];
  /** To the baseline, from a paired bootstrap over the test images; none for the baseline itself. */
  readonly difference?: Readonly<Record<keyof GroupScores, Difference>>;
  /** [C] AP minus that of the step of the ladder before. */
  readonly increments?: readonly number[];
}

/** Differences to the baseline by method. */
export type Differences = Readonly<Record<string, MethodSummary['difference']>>;

/** Puts the runs together, method by method in the order of the description; methods without a run are left out. */
export function summarize(
  description: SuiteDescription,
  runs: readonly RunRecord[],
  differences: Differences = {},
): MethodSummary[] {
  const perClass = new Map<string, number[]>();
  return description.methods.flatMap(({ key, title, after }) => {
    const own = runs.filter((run) => run.method === key);
    if (own.length === 0) return [];
    const mean = description.classes.map((_, c) => spread(own.map((run) => run.perClass[c])).mean);
    perClass.set(key, mean);
    const before = after === undefined ? undefined : perClass.get(after);
    const mAP = Object.fromEntries(groupNames.map((name) => [name, spread(own.map((run) => run.mAP[name]))]));
    return {
      key,
      title,
      runs: own.length,
      mAP: mAP as MethodSummary['mAP'],
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
