import { createReadStream } from 'node:fs';
import { opendir } from 'node:fs/promises';
import { join } from 'node:path';
import { ByteKeys } from '../../byte-keys.ts';
import { type CheckedFact, compareCount, recallOverPrecision } from '../../expected-count.ts';
import { LabelRows } from '../../label-rows.ts';
import { PackedNames } from '../../packed-names.ts';
import type { OpenImagesOptions } from '../../sets/open-images.ts';
import { type OpenImagesClasses, readOpenImagesClasses } from './open-images-classes.ts';
import { LabelTable } from './open-images-labels.ts';
import { readTurns } from './open-images-turns.ts';
import type { SetFolder } from './set-folder.ts';
import type { ReadSplit, SetReader } from './set-reader.ts';

/** The files of a version. */
interface Version {
  readonly trainable: string;
  readonly descriptions: string;
  readonly candidates: string | null;
  /** The label file of a split. */
  labels(split: string, kind: OpenImagesOptions['labels']): string;
  /** Lists of images with rotation angles; the first that exists is used. */
  turns(split: string): readonly string[];
}

/** The list of all images of v4. */
const allImages = 'image_ids_and_rotation.csv';

const v4: Version = {
  trainable: 'classes-trainable.txt',
  descriptions: 'class-descriptions.csv',
  candidates: 'unseen_labels.txt',
  labels: (split, kind) => `${split}-annotations-${kind}-imagelabels.csv`,
  turns: (split) => [`${split}-images-with-rotation.csv`, allImages],
};

const v6: Version = {
  trainable: 'oidv6-classes-trainable.txt',
  descriptions: 'oidv6-class-descriptions.csv',
  candidates: null,
  // Machine labels, and the labels of validation and test, still have the names of v5.
  labels: (split, kind) =>
    `${split === 'train' && kind === 'human' ? 'oidv6-' : ''}${split}-annotations-${kind}-imagelabels.csv`,
  turns: (split) => [
    split === 'train' ? 'oidv6-train-images-with-labels-with-rotation.csv' : `${split}-images-with-rotation.csv`,
    allImages,
  ],
};

/** Reads Open Images v4: 7,186 trainable (seen) classes and 400 unseen ones. */
export const readOpenImages: SetReader<OpenImagesOptions> = (request) => readVersion(request, v4);

/** Reads Open Images v6: the trainable classes. */
export const readOpenImagesV6: SetReader<OpenImagesOptions> = (request) => readVersion(request, v6);

async function readVersion(
  { folder, splits, options: { labels: kind }, onWarning }: Parameters<SetReader<OpenImagesOptions>>[0],
  version: Version,
): ReturnType<SetReader<OpenImagesOptions>> {
  const all = await readOpenImagesClasses(folder, version.trainable, version.descriptions, version.candidates);
  const seen = all.classes.filter((entry) => entry.seen).length;
  const read: Record<string, ReadSplit> = {};
  for (const split of splits) {
    const file = version.labels(split, kind);
    // Training has no unseen classes.
    const classes = split === 'train' ? all.classes.slice(0, seen) : all.classes;
    const columns = new ByteKeys(classes.map(({ id }) => id));
    const rows = new LabelRows(classes.length);
    const ids = new PackedNames();
    const table = new LabelTable({ folder, file, kind, columns, ids, rows });
    for await (const chunk of chunksOf(folder, file)) table.scan(chunk);
    table.end();
    await findPictures(folder, split, file, ids);
    const path = (i: number): string => folder.path(`${split}/${ids.name(i)}.jpg`);
    read[split] = {
      labels: rows.labels(),
      pictures: { length: ids.length, key: (i) => ids.name(i), file: (i) => `${split}/${ids.name(i)}.jpg`, path },
      async readTurns() {
        const lists = version.turns(split);
        const list = lists.find((name) => folder.has(name));
        if (list !== undefined) return readTurns(folder, list, ids);
        const missing = lists.join(' or ');
        onWarning(`${folder.where}: pictures of ${split} are rotated by EXIF only, because ${missing} does not exist`);
        return undefined;
      },
    };
  }
  const facts = version.candidates === null || !read.test || kind !== 'human' ? [] : testFacts(all, read.test);
  return { classes: all.classes, splits: read, facts };
}

async function* chunksOf(folder: SetFolder, file: string): AsyncGenerator<Buffer> {
  if (!folder.has(file)) throw folder.refuse(file, 'a file that can be read', 'no such file');
  yield* createReadStream(folder.path(file), { highWaterMark: 1 << 20 }) as AsyncIterable<Buffer>;
}

/** Finds the pictures of a split entry by entry, without a list of millions of names in memory. */
async function findPictures(folder: SetFolder, split: string, file: string, ids: PackedNames): Promise<void> {
  const isThere = new Uint8Array(ids.length);
  let hasFolder = false;
  for (const path of folder.roots.map((root) => join(root, split))) {
    const entries = await opendir(path, { bufferSize: 4096 }).catch(() => null);
    if (!entries) continue;
    hasFolder = true;
    for await (const { name } of entries) {
      const bytes = Buffer.from(name);
      const at = name.endsWith('.jpg') ? ids.find(bytes, 0, bytes.length - 4) : -1;
      if (at >= 0) isThere[at] = 1;
    }
  }
  if (!hasFolder && folder.missing) {
    folder.missing.push(`${split}/`);
    return;
  }
  for (let i = isThere.indexOf(0); i >= 0; i = isThere.indexOf(0, i + 1)) {
    const picture = `${split}/${ids.name(i)}.jpg`;
    if (folder.missing === null) throw folder.refuse(file, 'pictures that exist', `${picture}, which is missing`);
    folder.missing.push(picture);
  }
}

/**
 * Each protocol leaves out test images without a present class of its own. Recall divided by precision then does not
 * depend on the scores. It is computed from BiAM's published log, whose numbers are rounded to one unit of the last
 * digit.
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
