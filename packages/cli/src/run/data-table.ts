import type { DataSet, LabelledPictures } from '@ltml/data';
import { arePictureFiles } from '@ltml/data/node';
import type { LabelRow } from '@ltml/tensor/labels';
import { stringify } from 'csv-stringify/sync';
import { checkColumnNames } from './column-names.ts';

/** Options of {@link dataTable}. */
export interface DataTableOptions {
  /** Whether to leave a picture out. @param file relative to the root */
  leaveOut?(file: string): boolean;
  /** A split to write instead of the picture's own. */
  splitOf?(file: string, split: string): string;
}

const separator = '; ';

/**
 * Writes a data set as a CSV table; `data: { name: table }` reads it back in the same order. Its columns are `path`,
 * `split` and `labels`. If some labels are unknown, or a class name or the class list does not fit in `labels`, it has
 * a column for each class instead: 1 present, 0 absent, empty unknown.
 */
export function dataTable({ classes, splits }: DataSet, { leaveOut, splitOf }: DataTableOptions = {}): string {
  const names = classes.map(({ name }) => name);
  const parts = (Object.entries(splits) as [string, LabelledPictures | undefined][]).flatMap(([split, part]) => {
    return part ? [{ split, part }] : [];
  });
  const isListed =
    names.every((name) => !name.includes(';') && name === name.trim() && name !== '') &&
    parts.every(({ part }) => eachRow(part, ({ absent }) => absent === 'rest').every(Boolean)) &&
    // A class without images is in no cell of `labels`, so it would be lost.
    new Set(parts.flatMap(({ part }) => eachRow(part, ({ present }) => [...present]).flat())).size === names.length;
  // The reader would take a class column named `labels` for the list.
  if (!isListed) checkColumnNames(names, ['path', 'split', 'labels']);
  const columns = isListed ? ['path', 'split', 'labels'] : ['path', 'split', ...names];
  const rows = parts.flatMap(({ split, part }) =>
    eachRow(part, (row, i) => {
      const file = fileOf(part, i);
      const cells = isListed ? [Array.from(row.present, (c) => names[c]).join(separator)] : flags(row, names.length);
      return { file, row: [file, splitOf?.(file, split) ?? split, ...cells] };
    }),
  );
  const kept = rows.filter(({ file }) => !leaveOut?.(file)).map(({ row }) => row);
  return stringify(kept, { header: true, columns, quoted_match: /\r/ });
}

function eachRow<T>({ labels }: LabelledPictures, read: (row: LabelRow, i: number) => T): T[] {
  return Array.from({ length: labels.rows }, (_, i) => read(labels.row(i), i));
}

function flags({ present, absent }: LabelRow, columns: number): string[] {
  const cells = new Array<string>(columns).fill(absent === 'rest' ? '0' : '');
  if (absent !== 'rest') for (const c of absent) cells[c] = '0';
  for (const c of present) cells[c] = '1';
  return cells;
}

/** Path of an image relative to the root, as a table lists it. */
export function fileOf({ pictures }: LabelledPictures, i: number): string {
  return arePictureFiles(pictures) ? pictures.file(i) : pictures.key(i);
}
