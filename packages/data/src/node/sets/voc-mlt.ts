import type { LabelRow } from '@ltml/tensor/labels';
import { classList } from '../../data-set.ts';
import type { NoOptions } from '../../sets/multi-label-lt.ts';
import { vocClasses } from '../../sets/voc.ts';
import { sparseLabels } from '../../sparse-labels.ts';
import { reconstructVocMlt } from '../../voc-mlt.ts';
import { type ListedImage, listedRow, readLtList, stemOf } from './lt-list.ts';
import type { ReadSet, ReadSplit, SetReader, SetRequest } from './set-reader.ts';
import { SplitImages } from './split-images.ts';
import { annotatedObjects, rowOf, vocIds } from './voc.ts';

/** The VOC year from which the images of each split come. */
const years: Readonly<Record<string, string>> = { train: '2012', test: '2007' };

/** Reads VOC-MLT. Without a list, the published training images are rebuilt draw by draw. */
export const readVocMlt: SetReader<NoOptions> = (request) => readVocLt(request, true);

/** Reads PLT-VOC. Only the user's copy of its list says which labels are missing. */
export const readPltVoc: SetReader<NoOptions> = (request) => readVocLt(request, false);

/**
 * Reads long-tailed VOC: training images from VOC 2012 trainval, test images from VOC 2007 test. Difficult objects
 * count.
 *
 * @param isRebuilt whether the training images can be rebuilt without a list
 */
async function readVocLt(request: SetRequest<NoOptions>, isRebuilt: boolean): Promise<ReadSet> {
  const { folder, splits, lists } = request;
  const read: Record<string, ReadSplit> = {};
  for (const split of splits) {
    const year = years[split];
    if (year === undefined) throw folder.refuse(split, 'one of the splits train, test', 'another');
    if (split === 'train' && !isRebuilt && !Object.hasOwn(lists, split)) {
      throw folder.refuse('lists.train', 'a file with the published training labels', 'none');
    }
    const listed = Object.hasOwn(lists, split)
      ? await readLtList(folder, lists[split], vocClasses.length)
      : await publishedImages(request, split);
    const images = new SplitImages(folder, vocClasses.length);
    const ids = listed.map(({ name, place }) => ({ id: stemOf(name), place }));
    const unlabelled = ids.filter((_, i) => listed[i].labels === null);
    const objects = await annotatedObjects(request, year, unlabelled);
    for (const [i, { id, place }] of ids.entries()) {
      const { labels } = listed[i];
      const row = labels ? listedRow(labels, vocClasses.length) : rowOf(objects.get(id) ?? new Map(), 'positive');
      await images.add(id, `VOCdevkit/VOC${year}/JPEGImages/${id}.jpg`, place, row);
    }
    read[split] = images.read();
  }
  return { classes: classList(vocClasses), splits: read };
}

async function publishedImages(request: SetRequest<NoOptions>, split: string): Promise<readonly ListedImage[]> {
  const { folder } = request;
  const asListed = (ids: readonly { readonly id: string; readonly place: string }[]): ListedImage[] =>
    ids.map(({ id, place }) => ({ name: id, labels: null, place }));
  if (split === 'test') return asListed(await vocIds(folder, years.test, 'test'));
  const pool = [...(await vocIds(folder, years.train, 'trainval'))].sort((a, b) => (a.id < b.id ? -1 : 1));
  const objects = await annotatedObjects(request, years.train, pool);
  const rows = pool.map(({ id }): LabelRow => rowOf(objects.get(id) ?? new Map(), 'positive'));
  const chosen = reconstructVocMlt(sparseLabels(rows, vocClasses.length));
  return Array.from(chosen, (image) => {
    const { id, place } = pool[image];
    return { name: id, labels: { present: [...rows[image].present], unknown: [] }, place };
  });
}
