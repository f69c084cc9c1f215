import { classList } from '../../data-set.ts';
import type { NoOptions } from '../../sets/multi-label-lt.ts';
import type { SetFolder } from './set-folder.ts';
import type { ReadSplit, SetReader } from './set-reader.ts';
import { SplitImages } from './split-images.ts';

/** Reads CUB-200-2011: four lists that are joined by image id; labels start at 1. */
export const readCub: SetReader<NoOptions> = async ({ folder, splits }) => {
  const names = await byId(folder, 'classes.txt');
  const labels = await byId(folder, 'image_class_labels.txt');
  const isTrain = await byId(folder, 'train_test_split.txt');
  const classIds = [...names.keys()];
  const classNames = [...names.values()].map(({ value }) => value);
  const images = { train: new SplitImages(folder, names.size), test: new SplitImages(folder, names.size) };
  for (const [id, { value: path, place }] of await byId(folder, 'images.txt')) {
    const of = (list: ReadonlyMap<string, Entry>, file: string): Entry => {
      const entry = list.get(id);
      if (entry) return entry;
      throw folder.refuse(place, `an image of ${file}`, `image ${id}`);
    };
    const label = of(labels, 'image_class_labels.txt');
    const c = classIds.indexOf(label.value);
    if (c < 0) throw folder.refuse(label.place, 'a class of classes.txt', label.value);
    const mark = of(isTrain, 'train_test_split.txt');
    if (mark.value !== '0' && mark.value !== '1') throw folder.refuse(mark.place, 'an image and 0 or 1', mark.value);
    const split = mark.value === '1' ? 'train' : 'test';
    if (!splits.includes(split)) continue;
    await images[split].add(id, `images/${path}`, place, { present: Int32Array.of(c), absent: 'rest' });
  }
  const read = splits.map((split): [string, ReadSplit] => {
    if (split === 'train' || split === 'test') return [split, images[split].read()];
    throw folder.refuse('splits', 'train or test', split);
  });
  return { classes: classList(classNames), splits: Object.fromEntries(read) };
};

interface Entry {
  readonly value: string;
  readonly place: string;
}

/** Reads a list of ids, each with a value. */
async function byId(folder: SetFolder, file: string): Promise<ReadonlyMap<string, Entry>> {
  const entries = new Map<string, Entry>();
  for (const { text, place } of await folder.lines(file)) {
    const [, id, value] = /^(\d+)\s+(\S.*)$/.exec(text) ?? [];
    if (id === undefined || entries.has(id)) {
      throw folder.refuse(place, 'an id that occurs only once, and a value', text.slice(0, 40));
    }
    entries.set(id, { value, place });
  }
  return entries;
}
