import type { SweepScores } from './collect.ts';

/** How much of the variance of a measure an entry explains. */
export interface EntryImportance {
  /** Entry of the recipe, or `seed`. */
  readonly entry: string;
  /** Number of values, or ranges of values, that were compared. */
  readonly groups: number;
  /** ε², in [0, 1]; null if each group has only one run, so that the effect can't be told from chance. */
  readonly share: number | null;
}

/** With more different numbers than this, an entry is compared by ranges. */
const mostValues = 8;
const ranges = 4;

/**
 * The share of a measure's variance over runs that each entry explains by itself, the largest first. It is ε² of a
 * one-way analysis of variance, (SSB − (k − 1) MSW) / SST for k groups. Its expected value is 0 if only chance is at
 * work; negative values become 0. Effects of several entries together are not included.
 *
 * A group is the runs with one value. Numbers with more than 8 different values are divided into 4 ranges with equally
 * many runs.
 *
 * @param measure name; runs without it are left out
 * @returns the entries that vary, including the seed
 * Source: Kelley, An Unbiased Correlation Ratio Measure, PNAS 21 (1935).
 */
export function entryImportance(runs: readonly SweepScores[], measure: string): EntryImportance[] {
  const scored = runs.filter(({ measures }) => Number.isFinite(measures[measure]));
  const names = new Set(scored.flatMap(({ run }) => Object.keys(run.point)));
  const settings = (entry: string): unknown[] => scored.map(({ run }) => run.point[entry]);
  const entries: [string, unknown[]][] = [...names].map((entry) => [entry, settings(entry)]);
  entries.push(['seed', scored.map(({ run }) => run.seed)]);
  const values = scored.map(({ measures }) => measures[measure]);
  const found = entries.flatMap(([entry, own]): EntryImportance[] => {
    const groups = groupsOf(own, values);
    return groups.length < 2 ? [] : [{ entry, groups: groups.length, share: shareExplained(groups) }];
  });
  return found.sort((a, b) => (b.share ?? -1) - (a.share ?? -1));
}

/** The values of a measure, grouped by the values of an entry. */
function groupsOf(settings: readonly unknown[], values: readonly number[]): number[][] {
  const distinct = new Set(settings.map((setting) => JSON.stringify(setting)));
  const numbers = settings.every((setting) => typeof setting === 'number') ? (settings as number[]) : undefined;
  const keyOf =
    numbers && distinct.size > mostValues ? rangeOf(numbers) : (setting: unknown) => JSON.stringify(setting);
  const groups = new Map<unknown, number[]>();
  for (const [i, setting] of settings.entries()) {
    const key = keyOf(setting as number);
    const group = groups.get(key);
    if (group) group.push(values[i]);
    else groups.set(key, [values[i]]);
  }
  return [...groups.values()];
}

/** A function that gives the range of a number: 0, 1, 2 or 3. Equal numbers are in the same range. */
function rangeOf(numbers: readonly number[]): (number: number) => number {
  const ascending = [...numbers].sort((a, b) => a - b);
  const ends = Array.from({ length: ranges - 1 }, (_, i) => ascending[Math.floor(((i + 1) * numbers.length) / ranges)]);
  return (number) => ends.filter((end) => number >= end).length;
}

function shareExplained(groups: readonly (readonly number[])[]): number | null {
  const all = groups.flat();
  if (all.length === groups.length) return null;
  const total = squares(all);
  if (total === 0) return 0;
  const within = groups.reduce((sum, group) => sum + squares(group), 0);
  const noise = within / (all.length - groups.length);
  return Math.min(1, Math.max(0, (total - within - (groups.length - 1) * noise) / total));
}

/** Sum of squared distances from the mean. */
function squares(values: readonly number[]): number {
  const mean = values.reduce((sum, value) => sum + value, 0) / values.length;
  return values.reduce((sum, value) => sum + (value - mean) ** 2, 0);
}
