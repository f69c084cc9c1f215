import { basename, extname } from 'node:path';
import type { LabelRow } from '@ltml/tensor/labels';
import { listEntries } from '../import/list-entries.ts';
import type { SetFolder } from './set-folder.ts';

/** An image in a list. */
export interface ListedImage {
  /** As listed: an id, a file name or a path. */
  readonly name: string;
  /** Class indices; null if the list has no labels. */
  readonly labels: { readonly present: readonly number[]; readonly unknown: readonly number[] } | null;
  readonly place: string;
}

/**
 * Reads the images of a long-tailed subset from the user's copy of its list. Three forms are accepted: ids, one per
 * line or in a `.pkl`, `.npy` or `.npz` file; paths with class indices (CPRFL, LMPT); JSON with a vector of 1, 0 and −1
 * (unknown) for each file name (COMIC).
 *
 * @throws DataError naming file and line
 */
export async function readLtList(folder: SetFolder, file: string, classes: number): Promise<readonly ListedImage[]> {
  if (extname(file).toLowerCase() === '.json') return readVectors(folder, file, classes);
  return (await listEntries(folder, file)).map(({ text, place }) => {
    const [name, ...rest] = text.trim().split(/\s+/);
    if (rest.length === 0 && !name.includes('/')) return { name, labels: null, place };
    const present = rest.map((word) => {
      if (/^\d+$/.test(word) && Number(word) < classes) return Number(word);
      throw folder.refuse(place, `class indices below ${classes}`, word.slice(0, 40));
    });
    return { name, labels: { present: [...new Set(present)].sort((a, b) => a - b), unknown: [] }, place };
  });
}

/** The name of a file without folder and extension. */
export function stemOf(name: string): string {
  return basename(name, extname(name));
}

async function readVectors(folder: SetFolder, file: string, classes: number): Promise<readonly ListedImage[]> {
  const text = await folder.text(file);
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (cause) {
    throw folder.refuse(file, 'valid JSON', (cause as Error).message);
  }
  if (typeof value !== 'object' || value === null || Array.isArray(value)) {
    throw folder.refuse(file, 'a vector for each file name', 'something else');
  }
  return Object.entries(value).map(([name, vector]) => {
    const place = `${file}, "${name}"`;
    const isVector = Array.isArray(vector) && vector.length === classes && vector.every((v) => [1, 0, -1].includes(v));
    if (!isVector) throw folder.refuse(place, `${classes} numbers 1, 0 or -1`, JSON.stringify(vector).slice(0, 40));
    const where = (wanted: number): number[] => vector.flatMap((v, c) => (v === wanted ? [c] : []));
    return { name, labels: { present: where(1), unknown: where(-1) }, place };
  });
}

/** The labels of a list entry as a row. */
export function listedRow({ present, unknown }: NonNullable<ListedImage['labels']>, classes: number): LabelRow {
  const row = Int32Array.from(present);
  if (unknown.length === 0) return { present: row, absent: 'rest' };
  const said = new Set([...present, ...unknown]);
  return { present: row, absent: Int32Array.from({ length: classes }, (_, c) => c).filter((c) => !said.has(c)) };
}
