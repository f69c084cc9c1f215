import type { LabelRow } from '@ltml/tensor/labels';
import { classList } from '../../data-set.ts';
import { cocoClasses } from '../../sets/coco.ts';
import type { NoOptions } from '../../sets/multi-label-lt.ts';
import { readCocoFile } from './coco-file.ts';
import type { JsonObject } from './json-elements.ts';
import { listedRow, readLtList, stemOf } from './lt-list.ts';
import type { SetFolder } from './set-folder.ts';
import type { ReadSplit, SetReader } from './set-reader.ts';
import { SplitImages } from './split-images.ts';

/** The COCO split from which the images of each split come. */
const published: Readonly<Record<string, string>> = { train: 'train2017', test: 'val2017' };

/**
 * Reads COCO-MLT. The training images come from COCO train2017, chosen by the user's copy of the published list. The
 * test images are all of val2017. The published draw cannot be repeated, because its source pool was not published.
 */
export const readCocoMlt: SetReader<NoOptions> = async ({ folder, splits, lists }) => {
  const read: Record<string, ReadSplit> = {};
  for (const split of splits) {
    const from = published[split];
    if (from === undefined) throw folder.refuse(split, 'one of the splits train, test', 'another');
    if (split === 'train' && !Object.hasOwn(lists, split)) {
      throw folder.refuse('lists.train', 'a file with the published training images', 'none');
    }
    const listed = Object.hasOwn(lists, split) ? await readLtList(folder, lists[split], cocoClasses.length) : null;
    const isComplete = listed?.every(({ labels }) => labels !== null);
    const annotated = isComplete ? null : await annotatedRows(folder, from);
    const images = new SplitImages(folder, cocoClasses.length);
    const ids: number[] = [];
    for (const { name, labels, place } of listed ?? allOf(annotated ?? new Map())) {
      const id = idOf(folder, name, place);
      const row = labels ? listedRow(labels, cocoClasses.length) : annotated?.get(id);
      if (!row) throw folder.refuse(place, `an image of ${from}`, name);
      await images.add(`${id}`, `${from}/${String(id).padStart(12, '0')}.jpg`, place, row);
      ids.push(id);
    }
    read[split] = { ...images.read(), cocoIds: ids };
  }
  return { classes: classList(cocoClasses), splits: read };
};

function* allOf(annotated: ReadonlyMap<number, LabelRow>) {
  for (const id of annotated.keys()) yield { name: `${id}`, labels: null, place: `image ${id}` };
}

/** Crowds count. Objects without extent, and those marked to be ignored, do not. */
function counts({ area, bbox, ignore }: JsonObject): boolean {
  const [, , width, height] = Array.isArray(bbox) ? (bbox as number[]) : [];
  return (area as number) > 0 && width >= 1 && height >= 1 && !ignore;
}

async function annotatedRows(folder: SetFolder, from: string): Promise<ReadonlyMap<number, LabelRow>> {
  const name = `annotations/instances_${from}.json`;
  const { ids, present, classes } = await readCocoFile(folder.where, folder.path(name), name, counts);
  if (classes.some((entry, c) => entry.name !== cocoClasses[c])) {
    throw folder.refuse(name, 'the 80 categories of COCO', `${classes.length} others`);
  }
  return new Map(ids.map((id, i) => [id, { present: present[i], absent: 'rest' }]));
}

/** Finds the id: `COCO_train2014_000000000009.jpg`, `000000000009.jpg` and `9` name the same image. */
function idOf(folder: SetFolder, name: string, place: string): number {
  const [, digits] = /(\d+)$/.exec(stemOf(name)) ?? [];
  if (digits === undefined) throw folder.refuse(place, 'an image id', name.slice(0, 40));
  return Number(digits);
}
