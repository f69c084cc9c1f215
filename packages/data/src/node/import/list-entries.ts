import { readFile } from 'node:fs/promises';
import { extname } from 'node:path';
import { fileReason } from '../sets/read-text.ts';
import type { SetFolder, TextLine } from '../sets/set-folder.ts';
import { readNpy, readNpz } from './npy.ts';
import { readPickle } from './pickle.ts';

/**
 * The entries of a list: lines of a text file, or names and ids in a `.pkl`, `.npy` or `.npz`, where they are a list or array of
 * their own, or the one entry of a dictionary.
 *
 * @throws DataError by file, and by line or entry, from 1
 */
export async function listEntries(folder: SetFolder, file: string): Promise<readonly TextLine[]> {
  const ending = extname(file).toLowerCase();
  if (!['.pkl', '.pickle', '.npy', '.npz'].includes(ending)) return folder.lines(file);
  const bytes = await readFile(folder.path(file)).catch((cause: NodeJS.ErrnoException) => {
    throw folder.refuse(file, 'a file that can be read', fileReason(cause));
  });
  const read = { '.npy': readNpy, '.npz': readNpz }[ending] ?? readPickle;
  let value: unknown;
  try {
    value = await read(bytes);
  } catch (error) {
    throw folder.refuse(file, 'a file of names or ids', (error as Error).message);
  }
  const list = listIn(value);
  if (!list) throw folder.refuse(file, 'a list of names or ids', 'something else');
  return list.map((entry, i) => {
    const place = `${file}, entry ${i + 1}`;
    if (typeof entry === 'string' || typeof entry === 'number') return { text: `${entry}`, place };
    throw folder.refuse(place, 'a name or an id', Array.isArray(entry) ? 'a list' : typeof entry);
  });
}

/** Dictionaries in which a list may stand; one may hold itself. */
const deepest = 10;

function listIn(value: unknown, depth = 0): readonly unknown[] | undefined {
  if (Array.isArray(value)) return value;
  if (value instanceof Set) return [...value];
  if (depth > deepest) return undefined;
  if (value instanceof Map) return value.size === 1 ? listIn([...value.values()][0], depth + 1) : undefined;
  return typeof value === 'object' && value !== null && 'values' in value ? listIn(value.values, depth + 1) : undefined;
}
