import { readFile } from 'node:fs/promises';
import { extname } from 'node:path';
import { NotSupportedError } from '@ltml/tensor';
import { fileReason } from '../sets/read-text.ts';
import type { SetFolder, TextLine } from '../sets/set-folder.ts';
import { readHdf5 } from './hdf5.ts';
import { readNpy, readNpz } from './npy.ts';
import { readPickle } from './pickle.ts';

/**
 * Reads the entries of a list: the lines of a text file, or the names or ids in a `.pkl`, `.npy`, `.npz` or `.h5` file.
 * There they must be a list or array, or the only entry of a dictionary.
 *
 * @throws DataError naming file and line, or file and entry, counted from 1
 */
export async function listEntries(folder: SetFolder, file: string): Promise<readonly TextLine[]> {
  const ending = extname(file).toLowerCase();
  if (!['.pkl', '.pickle', '.npy', '.npz', '.h5', '.hdf5'].includes(ending)) return folder.lines(file);
  const path = folder.path(file);
  const bytes = await readFile(path).catch((cause: NodeJS.ErrnoException) => {
    throw folder.refuse(file, 'a file that can be read', fileReason(cause));
  });
  const ofPath = (): Promise<unknown> => readHdf5(path);
  const read = { '.npy': readNpy, '.npz': readNpz, '.h5': ofPath, '.hdf5': ofPath }[ending] ?? readPickle;
  let value: unknown;
  try {
    value = await read(bytes);
  } catch (error) {
    if (NotSupportedError.is(error)) throw error;
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

/** Depth of dictionaries to search for a list; a dictionary may contain itself. */
const deepest = 10;

function listIn(value: unknown, depth = 0): readonly unknown[] | undefined {
  if (Array.isArray(value)) return value;
  if (value instanceof Set) return [...value];
  if (depth > deepest) return undefined;
  if (value instanceof Map) return value.size === 1 ? listIn([...value.values()][0], depth + 1) : undefined;
  return typeof value === 'object' && value !== null && 'values' in value ? listIn(value.values, depth + 1) : undefined;
}
