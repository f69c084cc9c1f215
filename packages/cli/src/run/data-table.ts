import type { DataSet, LabelledPictures } from '@ltml/data';
import { arePictureFiles } from '@ltml/data/node';
import { stringify } from 'csv-stringify/sync';

export interface DataTableOptions {
  /** Pictures that are not written. */
  leaveOut?(key: string, path: string): boolean;
  /** The split of a picture in place of its own. */
  splitOf?(key: string, path: string): string | null;
}

/**
 * A data set as a table that `data: { name: table }` reads back: a column `path`, a column `split`, and a column for each
 * class, 1 present, 0 absent, empty unknown.
 */
export function dataTable({ classes, splits }: DataSet, { leaveOut, splitOf }: DataTableOptions = {}): string {
  const rows = (Object.entries(splits) as [string, LabelledPictures | undefined][]).flatMap(([split, part]) => {
    if (!part) return [];
    const { pictures, labels } = part;
    return Array.from({ length: pictures.length }, (_, i) => {
      const [key, path] = [pictures.key(i), arePictureFiles(pictures) ? pictures.path(i) : ''];
      if (leaveOut?.(key, path)) return [];
      const { present, absent } = labels.row(i);
      const cells = new Array<string>(classes.length).fill(absent === 'rest' ? '0' : '');
      if (absent !== 'rest') for (const c of absent) cells[c] = '0';
      for (const c of present) cells[c] = '1';
      return [[fileOf(part, i), splitOf?.(key, path) ?? split, ...cells]];
    }).flat();
  });
  return stringify(rows, { header: true, columns: ['path', 'split', ...classes.map(({ name }) => name)] });
}

/** Below the root, as a table lists it. */
function fileOf({ pictures }: LabelledPictures, i: number): string {
  return arePictureFiles(pictures) ? pictures.file(i) : pictures.key(i);
}
