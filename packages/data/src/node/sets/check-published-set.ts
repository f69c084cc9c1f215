import { classStatistics } from '@ltml/tensor/labels';
import { type CheckedFact, compareCount, type ExpectedCount } from '../../expected-count.ts';
import type { ExpectedSet, ExpectedSplit, PublishedSet } from '../../sets/published-set.ts';
import { type PublishedSetName, publishedSets } from '../../sets/published-sets.ts';
import { setOptions } from '../../sets/set-options.ts';
import { type ReadPublishedSetOptions, readPublishedSet } from './read-published-set.ts';
import type { ReadSet, ReadSplit } from './set-reader.ts';

/** The result of {@link checkPublishedSet}. */
export interface PublishedSetCheck {
  /** The data set as it was read. */
  readonly set: ReadSet;
  /** Counts beside the published ones. */
  readonly facts: readonly CheckedFact[];
  /** Pictures that are listed but do not exist. */
  readonly missing: readonly string[];
}

/**
 * Reads a published data set and compares sizes, class order and class counts with the published numbers. Missing
 * pictures are listed in the result, not refused.
 *
 * @throws DataError if something cannot be read, as `readPublishedSet`
 */
export async function checkPublishedSet<Name extends PublishedSetName>(
  name: Name,
  request: Omit<ReadPublishedSetOptions<Name>, 'missing'>,
): Promise<PublishedSetCheck> {
  const missing: string[] = [];
  const set = await readPublishedSet(name, { ...request, missing });
  const expected = (publishedSets[name] as PublishedSet).expected(
    setOptions(name, request.options),
    Object.keys(request.lists ?? {}),
  );
  return { set, facts: [...factsOf(set, expected), ...(set.facts ?? [])], missing };
}

/** Compares a data set with its published numbers. */
export function factsOf({ classes, splits }: ReadSet, expected: ExpectedSet): readonly CheckedFact[] {
  const names = classes.map(({ name }) => name);
  return [
    compareCount('classes', classes.length, expected.classes),
    ...(expected.names ? [orderFact(names, expected.names)] : []),
    ...Object.entries(splits).flatMap(([split, read]) => splitFacts(split, read, names, expected.splits[split] ?? {})),
  ];
}

function orderFact(names: readonly string[], expected: readonly string[] | 'sorted'): CheckedFact {
  const wanted = expected === 'sorted' ? [...names].sort() : expected;
  const at = names.findIndex((name, c) => name !== wanted[c]);
  const found = at < 0 ? 'as published' : `"${names[at]}" in place of "${wanted[at] ?? 'nothing'}"`;
  return { what: 'class order', found, expected: 'as published', holds: at < 0 };
}

function splitFacts(
  split: string,
  { labels }: ReadSplit,
  names: readonly string[],
  expected: ExpectedSplit,
): readonly CheckedFact[] {
  const counts = classStatistics(labels, { unknown: 'negative' }).classCounts;
  const compare = (what: string, found: number, wanted: ExpectedCount | undefined): CheckedFact[] =>
    wanted === undefined ? [] : [compareCount(`${split}: ${what}`, found, wanted)];
  const sum = counts.reduce((total, count) => total + count, 0);
  return [
    ...compare('images', labels.rows, expected.images),
    ...compare('present labels', sum, expected.positives),
    ...compare('images of the largest class', Math.max(...counts), expected.largestClass),
    ...compare('images of the smallest class', Math.min(...counts), expected.smallestClass),
    ...Object.entries(expected.classCounts ?? {}).flatMap(([name, count]) =>
      compare(`images of ${name}`, counts[names.indexOf(name)] ?? 0, count),
    ),
  ];
}
