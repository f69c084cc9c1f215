import type { ClassFrequencies } from './statistics.ts';

interface Kept {
  readonly trainCount: number;
  readonly counts: readonly number[];
  readonly made: Map<string, unknown>;
}

const kept = new WeakMap<object, Kept>();

/**
 * Caches what a loss derives from class statistics, because every step needs it again. It is computed anew when the
 * numbers in the statistics change.
 *
 * @param key names the derived value and every other number that it depends on
 */
export function remembered<T>(statistics: ClassFrequencies, key: string, make: () => T): T {
  const { trainCount, classCounts } = statistics;
  let entry = kept.get(classCounts);
  const isSame = entry?.trainCount === trainCount && entry.counts.length === classCounts.length;
  if (!entry || !isSame || !entry.counts.every((count, c) => count === classCounts[c])) {
    entry = { trainCount, counts: [...classCounts], made: new Map() };
    kept.set(classCounts, entry);
  }
  const old = entry.made.get(key) as T | undefined;
  if (old !== undefined) return old;
  const made = make();
  entry.made.set(key, made);
  return made;
}
