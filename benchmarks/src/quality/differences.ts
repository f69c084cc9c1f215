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
 * Grows run by run: each pair of runs of one seed is compared once, as soon as both are there.
 */
export class DifferencesOfRuns {
  readonly #track: Pick<TrackDescription, 'methods' | 'baseline' | 'seeds'>;
  readonly #compare: TrackParts['compare'];
  /** By method and seed. */
  readonly #runs = new Map<string, Map<number, TrackRun>>();
  readonly #intervals = new Map<string, Map<number, Readonly<Record<string, Interval>>>>();

  constructor(
    track: Pick<TrackDescription, 'methods' | 'baseline' | 'seeds'>,
    { compare }: Pick<TrackParts, 'compare'>,
  ) {
    this.#track = track;
    this.#compare = compare;
  }

  add(method: string, seed: number, run: TrackRun): void {
    entry(this.#runs, method).set(seed, run);
    for (const key of Object.keys(this.#track.methods)) {
      const reference = referenceOf(this.#track, key);
      if (reference === undefined || (method !== key && method !== reference)) continue;
      const [first, second] = [this.#runs.get(reference)?.get(seed), this.#runs.get(key)?.get(seed)];
      if (!first || !second) continue;
      entry(this.#intervals, key).set(seed, this.#compare(first, second, this.#track.seeds.indexOf(seed)));
    }
  }

  /** Of the runs so far. */
  get current(): Differences {
    return Object.fromEntries(
      [...this.#intervals].map(([method, bySeed]) => {
        const intervals = this.#track.seeds.map((seed) => bySeed.get(seed)).filter((found) => found !== undefined);
        return [method, Object.fromEntries(Object.keys(intervals[0]).map((name) => [name, meanOf(intervals, name)]))];
      }),
    );
  }
}

function entry<Value>(map: Map<string, Map<number, Value>>, key: string): Map<number, Value> {
  const found = map.get(key) ?? new Map<number, Value>();
  map.set(key, found);
  return found;
}

function meanOf(intervals: readonly Readonly<Record<string, Interval>>[], name: string): Interval {
  const mean = (end: keyof Interval): number => spread(intervals.map((interval) => interval[name][end])).mean;
  return { difference: mean('difference'), low: mean('low'), high: mean('high') };
}
