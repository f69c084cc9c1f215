import { opendir } from 'node:fs/promises';
import { join } from 'node:path';
import type { LabelRow } from '@ltml/tensor/labels';
import { type CheckedFact, compareCount, recallOverPrecision } from '../../expected-count.ts';
import { LabelRows } from '../../label-rows.ts';
import { PackedNames } from '../../packed-names.ts';
import type { OpenImagesOptions } from '../../sets/open-images.ts';
import { type OpenImagesClasses, readOpenImagesClasses } from './open-images-classes.ts';
import type { SetFolder } from './set-folder.ts';
import type { ReadSplit, SetReader } from './set-reader.ts';

const header = 'ImageID,Source,LabelName,Confidence';

/** Files of a version. */
interface Version {
  readonly trainable: string;
  readonly descriptions: string;
  readonly candidates: string | null;
  /** The file of labels of a split. */
  labels(split: string, kind: OpenImagesOptions['labels']): string;
}

const v4: Version = {
  trainable: 'classes-trainable.txt',
  descriptions: 'class-descriptions.csv',
  candidates: 'unseen_labels.txt',
  labels: (split, kind) => `${split}-annotations-${kind}-imagelabels.csv`,
};

const v6: Version = {
  trainable: 'oidv6-classes-trainable.txt',
  descriptions: 'oidv6-class-descriptions.csv',
  candidates: null,
  labels: (split, kind) => `${split === 'train' ? 'oidv6-' : ''}${split}-annotations-${kind}-imagelabels.csv`,
};

/** Open Images v4: 7,186 trainable classes, which are seen, and 400 unseen ones. */
export const readOpenImages: SetReader<OpenImagesOptions> = (request) => readVersion(request, v4);

/** Open Images v6: the trainable classes. */
export const readOpenImagesV6: SetReader<OpenImagesOptions> = (request) => readVersion(request, v6);

async function readVersion(
  { folder, splits, options: { labels: kind } }: Parameters<SetReader<OpenImagesOptions>>[0],
  version: Version,
): ReturnType<SetReader<OpenImagesOptions>> {
  const all = await readOpenImagesClasses(folder, version.trainable, version.descriptions, version.candidates);
  const columnOf = new Map(all.classes.map(({ id }, c) => [id, c]));
  const read: Record<string, ReadSplit> = {};
  for (const split of splits) {
    const file = version.labels(split, kind);
    const rows = new LabelRows(all.classes.length);
    const ids = new PackedNames();
    await eachImage(folder, file, kind, columnOf, (id, row) => {
      ids.push(id);
      rows.push(row);
    });
    await findPictures(folder, split, file, ids);
    const path = (i: number): string => folder.path(`${split}/${ids.name(i)}.jpg`);
    read[split] = {
      labels: rows.labels(),
      pictures: { length: ids.length, key: (i) => ids.name(i), file: (i) => `${split}/${ids.name(i)}.jpg`, path },
    };
  }
  const facts = version.candidates === null || !read.test || kind !== 'human' ? [] : testFacts(all, read.test);
  return { classes: all.classes, splits: read, facts };
}

/**
 * Visits the images of a file, in the memory of one line: rows are sorted by image, as published. Rows of an image and class
 * that contradict each other are added up and cancel out. Labels outside of the classes count for nothing.
 */
async function eachImage(
  folder: SetFolder,
  file: string,
  kind: OpenImagesOptions['labels'],
  columnOf: ReadonlyMap<string, number>,
  visit: (id: string, row: LabelRow) => void,
): Promise<void> {
  const values = kind === 'human' ? '0 or 1' : 'from 0 to 1';
  const sums = new Map<number, number>();
  let image = '';
  let index = -1;
  for await (const batch of folder.stream(file)) {
    for (const line of batch) {
      index++;
      const refuse = (expected: string, received = line.slice(0, 80)): Error =>
        folder.refuse(`${file}, line ${index + 1}`, expected, received);
      if (index === 0) {
        if (line.trim() !== header) throw refuse(header);
        continue;
      }
      if (line === '') continue;
      const first = line.indexOf(',');
      const second = line.indexOf(',', first + 1);
      const third = line.indexOf(',', second + 1);
      const confidence = third > 0 && second > first + 1 ? Number(line.slice(third + 1) || 'none') : Number.NaN;
      const isValue = kind === 'human' ? confidence === 0 || confidence === 1 : confidence >= 0 && confidence <= 1;
      if (first < 1 || third === second + 1 || !isValue) throw refuse(`${header} with confidence ${values}`);
      const isSame = first === image.length && line.startsWith(image);
      if (!isSame) {
        const id = line.slice(0, first);
        if (id < image) throw refuse('sorted by image', `${id} after ${image}`);
        if (image !== '') visit(image, rowOf(sums));
        image = id;
        sums.clear();
      }
      const c = columnOf.get(line.slice(second + 1, third));
      if (c === undefined) continue;
      if (kind === 'human') sums.set(c, (sums.get(c) ?? 0) + 2 * confidence - 1);
      else if (confidence >= 0.5) sums.set(c, 1);
    }
  }
  if (index < 0) throw folder.refuse(`${file}, line 1`, header, 'an empty file');
  if (image !== '') visit(image, rowOf(sums));
}

function rowOf(sums: ReadonlyMap<number, number>): LabelRow {
  const present: number[] = [];
  const absent: number[] = [];
  for (const [c, sum] of sums) {
    if (sum > 0) present.push(c);
    if (sum < 0) absent.push(c);
  }
  return { present: Int32Array.from(present).sort(), absent: Int32Array.from(absent).sort() };
}

/** Looks for the pictures of a split, a folder entry at a time: no list of millions of names is held. */
async function findPictures(folder: SetFolder, split: string, file: string, ids: PackedNames): Promise<void> {
  const isThere = new Uint8Array(ids.length);
  for (const path of folder.roots.map((root) => join(root, split))) {
    const entries = await opendir(path, { bufferSize: 4096 }).catch(() => null);
    if (!entries) continue;
    for await (const { name } of entries) {
      const at = name.endsWith('.jpg') ? ids.find(name.slice(0, -4)) : -1;
      if (at >= 0) isThere[at] = 1;
    }
  }
  for (let i = isThere.indexOf(0); i >= 0; i = isThere.indexOf(0, i + 1)) {
    const picture = `${split}/${ids.name(i)}.jpg`;
    if (folder.missing === null) throw folder.refuse(file, 'pictures that are there', `${picture}, which is missing`);
    folder.missing.push(picture);
  }
}

/**
 * Each protocol leaves out the test images without a present class of its own. Recall over precision is then the same whatever
 * the scores; it is published in the log of BiAM, rounded: one unit of the last digit either way.
 */
function testFacts({ classes, candidates }: OpenImagesClasses, { labels }: ReadSplit): readonly CheckedFact[] {
  const seen = classes.filter((entry) => entry.seen).length;
  const annotated = new Uint8Array(seen);
  const zsl = { images: 0, positives: 0 };
  const gzsl = { images: 0, positives: 0 };
  for (let row = 0; row < labels.rows; row++) {
    const { present, absent } = labels.row(row);
    if (present.length === 0) continue;
    const unseen = present.filter((c) => c >= seen).length;
    gzsl.images++;
    gzsl.positives += present.length;
    if (unseen > 0) zsl.images++;
    zsl.positives += unseen;
    for (const list of [present, absent]) for (const c of list as Int32Array) annotated[c] = 1;
  }
  const ratio = ({ images, positives }: typeof zsl): number => recallOverPrecision(10, images, positives);
  return [
    compareCount('seen classes', seen, 7186),
    compareCount('test labels absent from training', candidates, 2594),
    compareCount(
      'seen classes that test images have',
      annotated.reduce((sum, flag) => sum + flag, 0),
      4728,
    ),
    compareCount('recall over precision, ZSL@10', ratio(zsl), [7.78, 7.8]),
    compareCount('recall over precision, GZSL@10', ratio(gzsl), [1.151, 1.153]),
  ];
}
