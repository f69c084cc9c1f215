import { checkChoice, OptionError } from '@ltml/tensor';
import type { PublishedSet } from '../../sets/published-set.ts';
import { type PublishedSetName, type PublishedSetOptions, publishedSets } from '../../sets/published-sets.ts';
import { setOptions } from '../../sets/set-options.ts';
import { SetFolder } from './set-folder.ts';
import type { ReadSet, SetReader } from './set-reader.ts';
import { setReaders } from './set-readers.ts';

export interface ReadPublishedSetOptions<Name extends PublishedSetName> {
  /** The folder it is in, or several that are searched in turn. */
  readonly root: string | readonly string[];
  /** Published names of splits; default those that have a role. */
  readonly splits?: readonly string[];
  /** Files below the root that list the images of a split, by split; which sets take them, `publishedSets` says. */
  readonly lists?: Readonly<Record<string, string>>;
  readonly options?: Partial<PublishedSetOptions[Name]>;
  /** Told of what is odd and can be read all the same; default `console.warn`. */
  readonly onWarning?: (message: string) => void;
  /** Pictures that are missing are put here instead of being refused. */
  readonly missing?: string[];
}

/**
 * Reads a published data set in its published layout; no picture is opened.
 *
 * @throws DataError by file and line, id or key: a file or picture that is missing, an image that is listed twice, a class that
 *   there is not, a value that means nothing; OptionError
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
