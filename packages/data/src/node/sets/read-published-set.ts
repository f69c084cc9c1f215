import { checkChoice, OptionError } from '@ltml/tensor';
import type { PublishedSet } from '../../sets/published-set.ts';
import { type PublishedSetName, type PublishedSetOptions, publishedSets } from '../../sets/published-sets.ts';
import { setOptions } from '../../sets/set-options.ts';
import { SetFolder } from './set-folder.ts';
import type { ReadSet, SetReader } from './set-reader.ts';
import { setReaders } from './set-readers.ts';

/** Options of {@link readPublishedSet}. */
export interface ReadPublishedSetOptions<Name extends PublishedSetName> {
  /** The folder of the data set, or several that are searched in order. */
  readonly root: string | readonly string[];
  /** The published names of the splits to read; default those with a purpose. */
  readonly splits?: readonly string[];
  /**
   * Files below the root that list the images of a split, by split. `publishedSets` says which data sets accept them.
   */
  readonly lists?: Readonly<Record<string, string>>;
  /** The options of the reader; default see `publishedSets`. */
  readonly options?: Partial<PublishedSetOptions[Name]>;
  /** Called with a message about unusual input that can still be read; default `console.warn`. */
  readonly onWarning?: (message: string) => void;
  /** Collects missing pictures instead of refusing them. */
  readonly missing?: string[];
}

/**
 * Reads a published data set in its published layout. No picture is opened.
 *
 * @throws DataError naming file and line, id or key: on a missing file or picture, an image that is listed twice, an
 *   unknown class, or an invalid value; OptionError
 */
export async function readPublishedSet<Name extends PublishedSetName>(
  name: Name,
  request: ReadPublishedSetOptions<Name>,
): Promise<ReadSet> {
  checkChoice('readPublishedSet', 'name', name, Object.keys(publishedSets) as Name[]);
  const set = publishedSets[name] as PublishedSet;
  const { root, splits = Object.values(set.splits), lists = {}, onWarning = console.warn, missing } = request;
  if (!set.lists && Object.keys(lists).length > 0) {
    throw new OptionError({ where: name, argument: 'lists', expected: 'left out for this set', received: 'a list' });
  }
  const read: SetReader<PublishedSetOptions[Name]> = setReaders[name];
  return read({
    folder: new SetFolder(name, [root].flat(), missing ?? null),
    splits,
    lists,
    options: setOptions(name, request.options),
    onWarning: (message) => onWarning(message),
  });
}
