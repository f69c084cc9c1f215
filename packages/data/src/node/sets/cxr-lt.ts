import { classList } from '../../data-set.ts';
import type { NoOptions } from '../../sets/multi-label-lt.ts';
import type { ReadSplit, SetReader } from './set-reader.ts';
import { SplitImages } from './split-images.ts';
import { tableRows } from './table-rows.ts';

/** Columns that are not findings. */
const others: ReadonlySet<string> = new Set(['id', 'path', 'subject_id', 'study_id', 'dicom_id']);

/**
 * Reads long-tailed chest X-rays from `<name>_single-label_<split>.csv`, in `labels/` or beside the pictures. It has a
 * column of 1 and 0 for each finding, and each image has exactly one finding. Pictures are named by `path`, or by `id`
 * in the folder `images/`.
 */
export function readCxrLt(name: string): SetReader<NoOptions> {
  return async ({ folder, splits }) => {
    const read: Record<string, ReadSplit> = {};
    let names: readonly string[] = [];
    for (const split of splits) {
      const plain = `${name}_single-label_${split}.csv`;
      const file = folder.has(`labels/${plain}`) ? `labels/${plain}` : plain;
      const [header, ...rows] = tableRows(folder.where, await folder.text(file), file, ',');
      const columns = header.cells;
      const findings = columns.flatMap((column, i) => (others.has(column) ? [] : [i]));
      const found = findings.map((i) => columns[i]);
      if (names.length > 0 && found.join('\n') !== names.join('\n')) {
        throw folder.refuse(`${file}, line ${header.line}`, 'the columns of the other splits', 'others');
      }
      names = found;
      const key = columns.indexOf(columns.includes('path') ? 'path' : 'id');
      if (key < 0) throw folder.refuse(`${file}, line ${header.line}`, 'a column "path" or "id"', columns.join(', '));
      const images = new SplitImages(folder, names.length);
      for (const { cells, line } of rows) {
        const place = `${file}, line ${line}`;
        const odd = findings.find((i) => !['0', '1', '0.0', '1.0'].includes(cells[i]));
        if (odd !== undefined) throw folder.refuse(place, `1 or 0 in "${columns[odd]}"`, `"${cells[odd]}"`);
        const present = findings.flatMap((i, c) => (Number(cells[i]) === 1 ? [c] : []));
        if (present.length !== 1) throw folder.refuse(place, 'one finding', `${present.length}`);
        const picture = cells[key];
        const files = columns[key] === 'path' ? picture : [`images/${picture}`, picture];
        await images.add(picture, files, place, { present: Int32Array.from(present), absent: 'rest' });
      }
      read[split] = images.read();
    }
    return { classes: classList(names), splits: read };
  };
}
