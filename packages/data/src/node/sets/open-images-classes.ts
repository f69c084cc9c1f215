import type { ClassList } from '../../data-set.ts';
import { listEntries } from '../import/list-entries.ts';
import type { SetFolder } from './set-folder.ts';
import { tableRows } from './table-rows.ts';

/** The classes of a version, and the number of test labels that training lacks. */
export interface OpenImagesClasses {
  /** The seen classes in their published order, then the unseen ones. */
  readonly classes: ClassList;
  /** Number of labels from which the unseen classes are chosen; 0 if there are no unseen classes. */
  readonly candidates: number;
}

const unseenList = 'top_400_unseen.csv';

/**
 * Reads the trainable classes, and the unseen ones, which are given as indices (from 0) into a list of candidates.
 * Names are not unique; ids are.
 *
 * @param candidates the file of candidates; null for a version without unseen classes
 * Source: split of Huynh and Elhamifar (CVPR 2020), as in MKT.
 */
export async function readOpenImagesClasses(
  folder: SetFolder,
  trainableFile: string,
  descriptions: string,
  candidatesFile: string | null,
): Promise<OpenImagesClasses> {
  const seen = await idsIn(folder, trainableFile);
  const candidates = candidatesFile === null ? [] : await idsIn(folder, candidatesFile);
  const unseen = candidatesFile === null ? [] : await unseenIds(folder, candidates, new Set(seen));
  const names = await namesOf(folder, descriptions);
  const classes = [...seen, ...unseen].map((id, c) => {
    const name = names.get(id);
    if (name !== undefined) return { name, id, seen: c < seen.length };
    throw folder.refuse(descriptions, 'a description of every class', `none of ${id}`);
  });
  return { classes, candidates: candidates.length };
}

/** The ids in a list, or in the pickle of that name. */
async function idsIn(folder: SetFolder, file: string): Promise<readonly string[]> {
  const pickle = file.replace(/\.txt$/, '.pkl');
  const lines = await listEntries(folder, !folder.has(file) && folder.has(pickle) ? pickle : file);
  const ids = new Set<string>();
  for (const { text, place } of lines) {
    if (ids.has(text)) throw folder.refuse(place, 'a class that is not listed yet', `${text} again`);
    ids.add(text);
  }
  return [...ids];
}

async function unseenIds(
  folder: SetFolder,
  candidates: readonly string[],
  trainable: ReadonlySet<string>,
): Promise<readonly string[]> {
  const unseen = new Set<string>();
  for (const { text, place } of await folder.lines(unseenList)) {
    for (const word of text.split(/[\s,]+/).filter((part) => part !== '')) {
      const id = /^\d+$/.test(word) ? candidates[Number(word)] : undefined;
      if (id === undefined) throw folder.refuse(place, `places from 0 to ${candidates.length - 1}`, word.slice(0, 40));
      if (unseen.has(id)) throw folder.refuse(place, 'an index that is not listed yet', `${word} again`);
      if (trainable.has(id)) throw folder.refuse(place, 'places of classes that are not trainable', `${word}, ${id}`);
      unseen.add(id);
    }
  }
  return [...unseen];
}

/** Names by id; later versions have a header. */
async function namesOf(folder: SetFolder, file: string): Promise<ReadonlyMap<string, string>> {
  const names = new Map<string, string>();
  for (const { cells, line } of tableRows(folder.where, await folder.text(file), file, ',')) {
    const [id, name] = cells;
    if (cells.length !== 2 || id === '' || name === '') {
      throw folder.refuse(`${file}, line ${line}`, 'an id and a name', cells.join(',').slice(0, 80));
    }
    if (names.has(id)) throw folder.refuse(`${file}, line ${line}`, 'a class that is not listed yet', `${id} again`);
    names.set(id, name);
  }
  return names;
}
