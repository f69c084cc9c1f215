import type { DataSet, LabelledPictures } from '@ltml/data';
import { arePictureFiles } from '@ltml/data/node';
import type { LabelRow } from '@ltml/tensor/labels';
import { stringify } from 'csv-stringify/sync';
import { checkColumnNames } from './column-names.ts';

export interface DataTableOptions {
  /** Pictures that are not written, by their file below the root. */
  leaveOut?(file: string): boolean;
  /** The split of a picture in place of its own. */
  splitOf?(file: string, split: string): string;
}

const separator = '; ';

/**
 * A data set as a table that `data: { name: table }` reads back, in its order: columns `path`, `split` and `labels`, or,
 * where labels are unknown, a column for each class with 1 present, 0 absent and nothing unknown.
 */
export function dataTable({ classes, splits }: DataSet, { leaveOut, splitOf }: DataTableOptions = {}): string {
  const names = classes.map(({ name }) => name);
  const parts = (Object.entries(splits) as [string, LabelledPictures | undefined][]).flatMap(([split, part]) => {
    return part ? [{ split, part }] : [];
  });
  const isListed =
    names.every((name) => !name.includes(';') && name === name.trim() && name !== '') &&
    parts.every(({ part }) => eachRow(part, ({ absent }) => absent === 'rest').every(Boolean)) &&
    // A class that no image has is in no list.
    new Set(parts.flatMap(({ part }) => eachRow(part, ({ present }) => [...present]).flat())).size === names.length;
  // A column `labels` would be read as a list of them.
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

/** Below the root, as a table lists it. */
export function fileOf({ pictures }: LabelledPictures, i: number): string {
  return arePictureFiles(pictures) ? pictures.file(i) : pictures.key(i);
}
