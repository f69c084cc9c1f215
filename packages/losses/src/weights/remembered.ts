import type { ClassFrequencies } from './statistics.ts';

interface Kept {
  readonly trainCount: number;
  readonly counts: readonly number[];
  readonly made: Map<string, unknown>;
}

const kept = new WeakMap<object, Kept>();

/**
 * What a loss makes of class statistics, made once as long as their numbers stay the same: every step asks for it again.
 *
 * @param key tells what is made, with all that it depends on besides
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
