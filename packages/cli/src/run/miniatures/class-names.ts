import { type PublishedSet, type PublishedSetName, publishedSets, setOptions } from '@ltml/data';

/** The published class names of a set, in their order. */
export function classNamesOf(name: PublishedSetName): readonly string[] {
  const { names } = (publishedSets[name] as PublishedSet).expected(setOptions(name) as never);
  return Array.isArray(names) ? names : [];
}
