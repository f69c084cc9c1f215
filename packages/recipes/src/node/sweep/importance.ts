import type { SweepScores } from './collect.ts';

/** How much an entry of a sweep matters for a measure. */
export interface EntryImportance {
  /** Of the recipe; `seed` for the seeds. */
  readonly entry: string;
  /** Values, or ranges of them, that were compared. */
  readonly groups: number;
  /** ε², in [0, 1]; null where each group is one run, so that nothing tells the entry from chance. */
  readonly share: number | null;
}

/** Distinct numbers beyond which an entry is compared by ranges of it. */
const mostValues = 8;
const ranges = 4;

/**
 * The share of the variance of a measure over the runs that each entry explains by itself, largest first: ε² of a one-way
 * analysis of variance, (SSB − (k − 1) MSW) / SST with k groups, which chance keeps at 0 on average; below 0 it is 0. What
 * entries do together is in none of them.
 *
 * A group is the runs with one value; numbers of more than 8 values are cut into 4 ranges of as many runs each.
 *
 * @param measure name; runs that lack it are left out
 * @returns entries that vary, seeds included
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

/** The values of a measure by those of an entry. */
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

/** In which range a number lies: 0, 1, 2 or 3. Equal numbers lie in the same. */
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
