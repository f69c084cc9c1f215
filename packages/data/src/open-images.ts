import { checkCount, DataError } from '@ltml/tensor';
import { checkIndices, type Labels } from '@ltml/tensor/labels';
import { type CheckedFact, compareCount, type ExpectedCount, recallOverPrecision } from './expected-count.ts';
import { eachLine, type LineSource, lineError, readNames } from './text-lines.ts';

/** The classes of Open Images v4 in the protocol of 7,186 seen and 400 unseen ones. */
export interface OpenImagesClasses {
  /** [7586] machine ids such as `/m/01g317`: trainable ones in their published order, then unseen ones. */
  readonly ids: readonly string[];
  /** [7586] names: the class descriptions. Some are equal; the ids are not. */
  readonly names: readonly string[];
  /** 7186: how many of the classes are seen. */
  readonly seen: number;
  /** 2594: labels of the test images absent from training, of which the unseen classes are the most frequent. */
  readonly candidates: number;
}

/** The labels that people gave an image; nothing is known of the other classes. */
export interface AnnotatedImage {
  readonly id: string;
  /** Places in {@link OpenImagesClasses.ids}. */
  readonly present: readonly number[];
  readonly absent: readonly number[];
}

export type OpenImagesSplit = 'train' | 'validation' | 'test';

const where = 'readOpenImages';
const lists = {
  trainable: 'classes-trainable.txt',
  candidates: 'unseen_labels.txt',
  unseen: 'top_400_unseen.csv',
  descriptions: 'class-descriptions.csv',
};
const header = 'ImageID,Source,LabelName,Confidence';

/** The files that {@link readOpenImagesClasses} and {@link readOpenImages} need. */
export function openImagesFiles(splits: readonly OpenImagesSplit[]): string[] {
  return [...Object.values(lists), ...splits.map(annotationFile)];
}

/**
 * Reads which classes there are.
 *
 * `unseen_labels.txt` holds the 2,594 ids of the published `unseen_labels.pkl`, one a line: a pickle can run code and is
 * not read. `top_400_unseen.csv` holds places in it from 0.
 *
 * @throws DataError on a class listed twice or without description, or a place outside the list
 * Source: split of Huynh and Elhamifar (CVPR 2020), as in MKT.
 */
export async function readOpenImagesClasses(source: LineSource): Promise<OpenImagesClasses> {
  const trainable = await readNames(where, source, lists.trainable);
  const candidates = await readNames(where, source, lists.candidates);
  const isTrainable = new Set(trainable);
  if (isTrainable.size < trainable.length) {
    const index = trainable.findIndex((id, place) => trainable.indexOf(id) < place);
    throw lineError(where, lists.trainable, index, 'another class than before', `${trainable[index]} again`);
  }
  const unseen = new Set<string>();
  await eachLine(source, lists.unseen, (line, index) => {
    for (const place of line.split(/[\s,]+/).filter((text) => text !== '')) {
      const id = /^\d+$/.test(place) ? candidates[Number(place)] : undefined;
      if (id === undefined) {
        const expected = `places from 0 to ${candidates.length - 1}`;
        throw lineError(where, lists.unseen, index, expected, place.slice(0, 40));
      }
      if (unseen.has(id)) throw lineError(where, lists.unseen, index, 'another place than before', `${place} again`);
      if (isTrainable.has(id)) {
        throw lineError(where, lists.unseen, index, 'places of classes that are not trainable', `${place}, ${id}`);
      }
      unseen.add(id);
    }
  });
  const ids = [...trainable, ...unseen];
  const descriptions = await readDescriptions(source, new Set(ids));
  const names = ids.map((id) => {
    const name = descriptions.get(id);
    if (name !== undefined) return name;
    const expected = 'a description of every class';
    throw new DataError({ where, argument: lists.descriptions, expected, received: `none of ${id}` });
  });
  return { ids, names, seen: trainable.length, candidates: candidates.length };
}

/**
 * Streams the images of a split with the labels that people gave them, in bounded memory.
 *
 * Rows of an image and class that contradict each other leave it unknown: labels are merged by addition. Labels outside
 * the classes are left out; an image that has no others comes with none.
 *
 * @throws DataError by file and line on another header, a row of another form, a confidence other than 0 and 1, or rows
 *   that are not sorted by image, as they are published
 */
export async function* readOpenImages(
  source: LineSource,
  split: OpenImagesSplit,
  { ids }: Pick<OpenImagesClasses, 'ids'>,
): AsyncGenerator<AnnotatedImage, void, undefined> {
  const file = annotationFile(split);
  const classOf = new Map(ids.map((id, c) => [id, c]));
  const sums = new Map<number, number>();
  let image = '';
  let index = -1;
  for await (const batch of source(file)) {
    for (const line of batch) {
      index++;
      if (index === 0) {
        if (line.trim() !== header) throw lineError(where, file, index, header, line.slice(0, 80));
        continue;
      }
      if (line === '') continue;
      const [, id, label, confidence] = /^([^,]+),[^,]*,([^,]+),([01](?:\.0*)?)\s*$/.exec(line) ?? [];
      if (id === undefined) {
        throw lineError(where, file, index, `${header} with confidence 0 or 1`, line.slice(0, 80));
      }
      if (id !== image) {
        if (id < image) throw lineError(where, file, index, 'sorted by image', `${id} after ${image}`);
        if (image !== '') yield annotatedImage(image, sums);
        image = id;
        sums.clear();
      }
      const c = classOf.get(label);
      if (c !== undefined) sums.set(c, (sums.get(c) ?? 0) + 2 * Number(confidence) - 1);
    }
  }
  if (index < 0) throw lineError(where, file, 0, header, 'an empty file');
  if (image !== '') yield annotatedImage(image, sums);
}

/**
 * Labels [N, C] of a batch of images: what nobody annotated is unknown.
 *
 * @throws DataError on a class that is none of the C
 */
export function annotatedLabels(images: readonly AnnotatedImage[], columns: number): Required<Labels> {
  checkCount('annotatedLabels', 'columns', columns, { min: 0 });
  const present = new Uint8Array(images.length * columns);
  const known = new Uint8Array(images.length * columns);
  for (const [row, image] of images.entries()) {
    checkIndices('annotatedLabels', `images[${row}].present`, image.present, columns);
    checkIndices('annotatedLabels', `images[${row}].absent`, image.absent, columns);
    for (const c of image.present) present[row * columns + c] = known[row * columns + c] = 1;
    for (const c of image.absent) known[row * columns + c] = 1;
  }
  return { rows: images.length, columns, present, known };
}

/** What {@link checkOpenImages} compares: sizes, and recall over precision of any evaluation on the test images. */
export interface OpenImagesCounts {
  readonly seen: number;
  readonly unseen: number;
  readonly candidates: number;
  /** Seen classes with a label, present or absent, among the test images that GZSL keeps. */
  readonly annotatedSeen: number;
  /** At k = 10, over the images with a present unseen class. */
  readonly zslRecallOverPrecision: number;
  /** At k = 10, over the images with any present class. */
  readonly gzslRecallOverPrecision: number;
}

/** The published sizes; the ratios are rounded in the public log of BiAM, one unit of their last digit either way. */
export const openImagesPublished: { readonly [Name in keyof OpenImagesCounts]: ExpectedCount } = {
  seen: 7186,
  unseen: 400,
  candidates: 2594,
  annotatedSeen: 4728,
  zslRecallOverPrecision: [7.78, 7.8],
  gzslRecallOverPrecision: [1.151, 1.153],
};

/** Counts over the test images, one after the other. Each protocol leaves out images without a present class of its own. */
export async function countOpenImages(
  images: AsyncIterable<AnnotatedImage>,
  { ids, seen, candidates }: Omit<OpenImagesClasses, 'names'>,
): Promise<OpenImagesCounts> {
  const annotated = new Uint8Array(seen);
  const zsl = { images: 0, positives: 0 };
  const gzsl = { images: 0, positives: 0 };
  for await (const { present, absent } of images) {
    if (present.length === 0) continue;
    const unseen = present.filter((c) => c >= seen).length;
    gzsl.images++;
    gzsl.positives += present.length;
    if (unseen > 0) zsl.images++;
    zsl.positives += unseen;
    for (const c of present) annotated[c] = 1;
    for (const c of absent) annotated[c] = 1;
  }
  return {
    seen,
    unseen: ids.length - seen,
    candidates,
    annotatedSeen: annotated.reduce((sum, flag) => sum + flag, 0),
    zslRecallOverPrecision: recallOverPrecision(10, zsl.images, zsl.positives),
    gzslRecallOverPrecision: recallOverPrecision(10, gzsl.images, gzsl.positives),
  };
}

/** Compares sizes with the published ones. */
export function checkOpenImages(
  counts: OpenImagesCounts,
  expected: { readonly [Name in keyof OpenImagesCounts]: ExpectedCount } = openImagesPublished,
): CheckedFact[] {
  const fact = (name: keyof OpenImagesCounts, what: string): CheckedFact =>
    compareCount(what, counts[name], expected[name]);
  return [
    fact('seen', 'seen classes'),
    fact('unseen', 'unseen classes'),
    fact('candidates', 'test labels absent from training'),
    fact('annotatedSeen', 'seen classes that test images have'),
    fact('zslRecallOverPrecision', 'recall over precision, ZSL@10'),
    fact('gzslRecallOverPrecision', 'recall over precision, GZSL@10'),
  ];
}

function annotatedImage(id: string, sums: ReadonlyMap<number, number>): AnnotatedImage {
  const present: number[] = [];
  const absent: number[] = [];
  for (const [c, sum] of sums) {
    if (sum > 0) present.push(c);
    if (sum < 0) absent.push(c);
  }
  return { id, present, absent };
}

const longestDescription = 300;

/** Descriptions may hold commas; such ones are quoted. */
async function readDescriptions(source: LineSource, wanted: ReadonlySet<string>): Promise<Map<string, string>> {
  const names = new Map<string, string>();
  await eachLine(source, lists.descriptions, (line, index) => {
    const comma = line.indexOf(',');
    if (comma <= 0) throw lineError(where, lists.descriptions, index, 'an id, a comma and a name', line.slice(0, 80));
    const id = line.slice(0, comma);
    if (!wanted.has(id)) return;
    const text = line.slice(comma + 1).trim();
    const isQuoted = text.startsWith('"');
    if (text === '' || text.length > longestDescription || isQuoted !== (text.length > 1 && text.endsWith('"'))) {
      const expected = `a name of at most ${longestDescription} characters, with both quotes or none`;
      throw lineError(where, lists.descriptions, index, expected, line.slice(0, 80));
    }
    if (names.has(id)) throw lineError(where, lists.descriptions, index, 'another class than before', `${id} again`);
    names.set(id, isQuoted ? text.slice(1, -1).replaceAll('""', '"') : text);
  });
  return names;
}

function annotationFile(split: OpenImagesSplit): string {
  return `${split}-annotations-human-imagelabels.csv`;
}
