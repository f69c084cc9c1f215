import { dirname, extname } from 'node:path';
import { classList } from '../../data-set.ts';
import type { NoOptions } from '../../sets/multi-label-lt.ts';
import { eachElement } from './json-elements.ts';
import type { SetFolder } from './set-folder.ts';
import type { ReadSplit, SetReader } from './set-reader.ts';
import { SplitImages } from './split-images.ts';

interface Listed {
  readonly path: string;
  readonly label: number;
  readonly place: string;
}

/**
 * Reads ImageNet-LT and Places-LT: `<prefix>_<split>.txt` with a path and a label in each line. The name of a class is
 * the folder of its training images, so the training list is always read.
 */
export function readPathLabelLists(prefix: string): SetReader<NoOptions> {
  return async ({ folder, splits, lists }) => {
    const fileOf = (split: string): string => (Object.hasOwn(lists, split) ? lists[split] : `${prefix}_${split}.txt`);
    const train = await readList(folder, fileOf('train'));
    const names = classNames(folder, train);
    const read: Record<string, ReadSplit> = {};
    for (const split of splits) {
      const images = new SplitImages(folder, names.length);
      for (const { path, label, place } of split === 'train' ? train : await readList(folder, fileOf(split))) {
        if (label >= names.length)
          throw folder.refuse(place, `a label below ${names.length}, as in training`, `${label}`);
        await images.add(path, path, place, { present: Int32Array.of(label), absent: 'rest' });
      }
      read[split] = images.read();
    }
    return { classes: classList(names), splits: read };
  };
}

async function readList(folder: SetFolder, file: string): Promise<readonly Listed[]> {
  if (extname(file) === '.json') return readAnnotations(folder, file);
  return (await folder.lines(file)).map(({ text, place }) => {
    const at = text.lastIndexOf(' ');
    const label = text.slice(at + 1);
    if (at > 0 && /^\d{1,9}$/.test(label)) return { path: text.slice(0, at).trim(), label: Number(label), place };
    throw folder.refuse(place, 'a path and a label', text.slice(-60));
  });
}

async function readAnnotations(folder: SetFolder, file: string): Promise<readonly Listed[]> {
  const listed: Listed[] = [];
  await eachElement(folder.where, folder.path(file), file, {
    annotations({ fpath, category_id: label }, place) {
      if (typeof fpath !== 'string' || !Number.isSafeInteger(label) || (label as number) < 0) {
        throw folder.refuse(place(), 'a fpath and a category_id', JSON.stringify({ fpath, category_id: label }));
      }
      listed.push({ path: fpath, label: label as number, place: place() });
    },
  });
  return listed;
}

/**
 * The folder of each label.
 *
 * @throws DataError on a label with two folders, a folder with two labels, or a label without images
 */
function classNames(folder: SetFolder, train: readonly Listed[]): readonly string[] {
  const names: string[] = [];
  const labelOf = new Map<string, number>();
  for (const { path, label, place } of train) {
    // Without `train/` or a similar prefix.
    const name = dirname(path).split('/').slice(1).join('/');
    if (name === '') throw folder.refuse(place, 'a path by class, such as train/n01440764/image.JPEG', path);
    const before = labelOf.get(name) ?? label;
    if (before !== label) throw folder.refuse(place, `label ${before}, which images in ${name} have`, `${label}`);
    if ((names[label] ?? name) !== name)
      throw folder.refuse(place, `an image in ${names[label]}, as label ${label} has`, path);
    labelOf.set(name, label);
    names[label] = name;
  }
  const gap = Array.from(names.keys()).find((label) => names[label] === undefined);
  if (gap !== undefined) throw folder.refuse('labels', 'from 0 without a gap', `no training image of ${gap}`);
  return names;
}
