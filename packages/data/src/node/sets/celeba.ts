import { classList } from '../../data-set.ts';
import type { NoOptions } from '../../sets/multi-label-lt.ts';
import type { SetFolder } from './set-folder.ts';
import type { ReadSplit, SetReader } from './set-reader.ts';
import { SplitImages } from './split-images.ts';

/** The numbers of the splits in the published list. */
const partitions: Readonly<Record<string, string>> = { train: '0', val: '1', test: '2' };

/**
 * Reads CelebA, whose attributes are 1 and −1. Lists and pictures may be in `Anno`, `Eval` and `Img`, or in one folder.
 */
export const readCeleba: SetReader<NoOptions> = async ({ folder, splits }) => {
  const file = within(folder, 'Anno', 'list_attr_celeba.txt');
  const pictures = within(folder, 'Img', 'img_align_celeba');
  const [count, header, ...lines] = await folder.lines(file);
  const names = header?.text.trim().split(/\s+/) ?? [];
  if (Number(count.text) !== lines.length) {
    throw folder.refuse(count.place, `the number of images, ${lines.length}`, count.text.slice(0, 40));
  }
  const splitOf = await partitionOf(folder);
  const images = new Map(splits.map((split) => [partitions[split], new SplitImages(folder, names.length)]));
  if (images.has(undefined as never)) throw folder.refuse('splits', 'train, val or test', splits.join(', '));
  for (const { text, place } of lines) {
    const [key, ...values] = text.trim().split(/\s+/);
    if (values.length !== names.length) throw folder.refuse(place, `${names.length} values`, `${values.length}`);
    const other = values.find((value) => value !== '1' && value !== '-1');
    if (other !== undefined) throw folder.refuse(place, 'values 1 and -1', other.slice(0, 40));
    const split = splitOf.get(key);
    if (split === undefined) throw folder.refuse(place, 'an image of list_eval_partition.txt', key);
    const present = Int32Array.from(values.flatMap((value, c) => (value === '1' ? [c] : [])));
    await images.get(split)?.add(key, `${pictures}/${key}`, place, { present, absent: 'rest' });
  }
  const read = splits.map((split): [string, ReadSplit] => [
    split,
    (images.get(partitions[split]) as SplitImages).read(),
  ]);
  return { classes: classList(names), splits: Object.fromEntries(read) };
};

/** A file in the folder of the authors' page if it exists, otherwise next to the other files. */
function within(folder: SetFolder, parent: string, file: string): string {
  return folder.has(`${parent}/${file}`) ? `${parent}/${file}` : file;
}

/** The split number of each image. */
async function partitionOf(folder: SetFolder): Promise<ReadonlyMap<string, string>> {
  const lines = await folder.lines(within(folder, 'Eval', 'list_eval_partition.txt'));
  return new Map(
    lines.map(({ text, place }): [string, string] => {
      const [key, split, ...more] = text.trim().split(/\s+/);
      if (['0', '1', '2'].includes(split) && more.length === 0) return [key, split];
      throw folder.refuse(place, 'an image and 0, 1 or 2', text.slice(0, 40));
    }),
  );
}
