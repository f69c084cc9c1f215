import { classList } from '../../data-set.ts';
import { LabelRows } from '../../label-rows.ts';
import type { VisualGenomeOptions } from '../../sets/visual-genome.ts';
import { listEntries } from '../import/list-entries.ts';
import { eachElement, type JsonObject, type TellPlace, wholeFile } from './json-elements.ts';
import { byCodePoint } from './name-order.ts';
import type { SetFolder } from './set-folder.ts';
import type { ReadSplit, SetReader } from './set-reader.ts';
import { SplitImages } from './split-images.ts';
import { imageIdOf, readLabelIndex, SameClasses } from './visual-genome-labels.ts';

/** Images whose pictures are known to be corrupt. */
const corruptIds: ReadonlySet<number> = new Set([1592, 1722, 4616, 4617]);

/** The folders among which the pictures are divided. */
const folders = ['VG_100K', 'VG_100K_2'];

/**
 * Reads Visual Genome from `image_data.json` and `objects.json`. The classes are the most frequent object names in all
 * kept images. An object's name is its first one, trimmed and in lower case. Instead of counting, the labels of a paper
 * can be read from a file; the class names are still the counted ones.
 */
export const readVisualGenome: SetReader<VisualGenomeOptions> = async ({ folder, splits, lists, options }) => {
  const images = await readImages(folder, options.corrupt);
  const names = await readObjects(folder, images);
  const classes = mostFrequent(folder, names, options.classes);
  const classOf = new Map(classes.map((name, c) => [names.numberOf.get(name) as number, c]));
  const labels = Object.hasOwn(lists, 'labels')
    ? await readLabelIndex(folder, lists.labels, classes.length)
    : undefined;
  const same = new SameClasses(classes.length);
  const read: Record<string, ReadSplit> = {};
  for (const split of splits) {
    const chosen =
      split === 'all' ? images.ids.map((id) => ({ id, place: `image_data.json, image ${id}` })) : undefined;
    const pictures = new SplitImages(folder, classes.length);
    const cocoIds: number[] = [];
    for (const { id, place } of chosen ?? (await listedImages(folder, lists, split, images))) {
      const i = images.placeOf.get(id) as number;
      const counted = [...new Set(Array.from(names.ofImage(i), (number) => classOf.get(number) ?? -1))].filter(
        (c) => c >= 0,
      );
      const listed = labels?.get(id);
      if (labels && !listed) throw folder.refuse(place, `an image of ${lists.labels}`, `${id}`);
      if (listed) same.add(listed, counted);
      await pictures.add(
        `${id}`,
        folders.map((name) => `${name}/${id}.jpg`),
        place,
        { present: Int32Array.from(listed ?? counted).sort(), absent: 'rest' },
      );
      cocoIds.push(images.cocoIds[i]);
    }
    read[split] = { ...pictures.read(), cocoIds };
  }
  return { classes: classList(classes), splits: read, ...(labels && { facts: [same.fact()] }) };
};

interface Images {
  readonly ids: readonly number[];
  /** COCO ids; −1 for images that are not from COCO. */
  readonly cocoIds: readonly number[];
  readonly placeOf: ReadonlyMap<number, number>;
  /** Ids of all images, including those that are left out. */
  readonly known: ReadonlySet<number>;
}

/** The id is in `image_id`; in the first release in `id`. */
function idOf(folder: SetFolder, entry: JsonObject, place: TellPlace): number {
  const id = entry.image_id ?? entry.id;
  if (Number.isSafeInteger(id)) return id as number;
  throw folder.refuse(place(), 'a whole number as "image_id"', String(id));
}

async function readImages(folder: SetFolder, corrupt: VisualGenomeOptions['corrupt']): Promise<Images> {
  const name = 'image_data.json';
  const ids: number[] = [];
  const cocoIds: number[] = [];
  const placeOf = new Map<number, number>();
  const known = new Set<number>();
  await eachElement(folder.where, folder.path(name), name, {
    [wholeFile](image, place) {
      const id = idOf(folder, image, place);
      if (known.has(id)) throw folder.refuse(name, 'one image for each id', `two images with id ${id}`);
      known.add(id);
      if (corrupt === 'drop' && corruptIds.has(id)) return;
      placeOf.set(id, ids.length);
      ids.push(id);
      cocoIds.push(Number.isSafeInteger(image.coco_id) ? (image.coco_id as number) : -1);
    },
  });
  return { ids, cocoIds, placeOf, known };
}

interface ObjectNames {
  readonly numberOf: ReadonlyMap<string, number>;
  /** Number of objects with each name. */
  readonly counts: readonly number[];
  /** Indices of the names of an image's objects. */
  ofImage(place: number): ArrayLike<number>;
}

async function readObjects(folder: SetFolder, images: Images): Promise<ObjectNames> {
  const name = 'objects.json';
  const numberOf = new Map<string, number>();
  const counts: number[] = [];
  const rows = new LabelRows(0);
  const rowOf = new Int32Array(images.ids.length).fill(-1);
  let row = 0;
  await eachElement(folder.where, folder.path(name), name, {
    [wholeFile](image, place) {
      const id = idOf(folder, image, place);
      if (!images.known.has(id)) throw folder.refuse(place(), 'an image of image_data.json', `image ${id}`);
      const at = images.placeOf.get(id);
      if (at === undefined) return;
      if (rowOf[at] >= 0) throw folder.refuse(place(), 'an image that is not listed yet', `image ${id} again`);
      if (!Array.isArray(image.objects)) throw folder.refuse(place(), 'an image with a list "objects"', 'none');
      const numbers: number[] = [];
      for (const object of image.objects as readonly JsonObject[]) {
        const text = Array.isArray(object?.names) ? object.names[0] : undefined;
        if (typeof text !== 'string') throw folder.refuse(place(), 'objects with names', 'one without');
        const word = text.trim().toLowerCase();
        if (word === '') continue;
        let number = numberOf.get(word);
        if (number === undefined) {
          number = counts.push(0) - 1;
          numberOf.set(word, number);
        }
        counts[number]++;
        numbers.push(number);
      }
      rowOf[at] = row++;
      rows.push({ present: numbers, absent: [] });
    },
  });
  const labels = rows.labels();
  return { numberOf, counts, ofImage: (at) => (rowOf[at] < 0 ? [] : labels.row(rowOf[at]).present) };
}

/** Most frequent first; equally frequent ones in the order of their names. */
function mostFrequent(folder: SetFolder, { numberOf, counts }: ObjectNames, classes: number): readonly string[] {
  if (numberOf.size < classes) {
    throw folder.refuse('objects.json', `objects of at least ${classes} names`, `${numberOf.size}`);
  }
  const sorted = [...numberOf].sort(([a, i], [b, j]) => counts[j] - counts[i] || byCodePoint(a, b));
  return sorted.slice(0, classes).map(([name]) => name);
}

async function listedImages(
  folder: SetFolder,
  lists: Readonly<Record<string, string>>,
  split: string,
  images: Images,
): Promise<readonly { readonly id: number; readonly place: string }[]> {
  if (!Object.hasOwn(lists, split)) throw folder.refuse(`lists.${split}`, 'a file that lists its pictures', 'none');
  const found: { readonly id: number; readonly place: string }[] = [];
  for (const { text, place } of await listEntries(folder, lists[split])) {
    const id = imageIdOf(text);
    if (id === undefined || !images.known.has(id)) throw folder.refuse(place, 'an image of image_data.json', text);
    if (images.placeOf.has(id)) found.push({ id, place });
  }
  return found;
}
