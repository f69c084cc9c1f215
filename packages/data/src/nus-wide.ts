import { DataError } from '@ltml/tensor';
import type { Labels } from '@ltml/tensor/labels';
import { type CheckedFact, compareCount, type ExpectedCount } from './expected-count.ts';
import { eachLine, type LineSource, lineError, readNames } from './text-lines.ts';

/** NUS-WIDE in the protocol of 925 seen and 81 unseen classes. */
export interface NusWide {
  /** [1006] names: seen ones in the order of the tag list, then unseen ones in that of the concept list. */
  readonly classes: readonly string[];
  /** 925: how many of the classes are seen. */
  readonly seen: number;
  /** Concepts that no tag is equal to, so that nothing was dropped for them. */
  readonly untagged: readonly string[];
  /** Labels [161789, 925]: seen classes only. */
  readonly train: NusWideSplit;
  /** Labels [107859, 1006]. */
  readonly test: NusWideSplit;
}

export interface NusWideSplit {
  /** [N] paths of the images in the data set's folder, e.g. `Flickr/actor/0002_174174086.jpg`. */
  readonly files: readonly string[];
  /** All known: an absent tag counts as an absent label, as published. */
  readonly labels: Labels;
}

const where = 'readNusWide';
const lists = {
  concepts: 'Concepts81.txt',
  images: 'ImageList/Imagelist.txt',
  train: 'ImageList/TrainImagelist.txt',
  test: 'ImageList/TestImagelist.txt',
  tagNames: 'NUS_WID_Tags/TagList1k.txt',
  tags: 'NUS_WID_Tags/AllTags1k.txt',
};

/** The names in `Concepts81.txt`, the unseen classes. */
export function nusWideConcepts(source: LineSource): Promise<string[]> {
  return readNames(where, source, lists.concepts);
}

/** The text files that {@link readNusWide} needs, given {@link nusWideConcepts}. */
export function nusWideFiles(concepts: readonly string[]): string[] {
  return [...Object.values(lists), ...concepts.map(labelFile)];
}

/**
 * Reads lists, tags and labels of NUS-WIDE as its authors publish them.
 *
 * Seen classes are the 1,000 tags without those equal to a concept, labelled by the Flickr tags, unfiltered; unseen ones
 * are the 81 concepts, labelled by people (`AllLabels`, not `AllTags81`). Sizes are those of the files:
 * {@link checkNusWide} compares them with the published ones.
 *
 * @throws DataError by file and line on a row of another length, a number other than 0 and 1, an image of a split that is
 *   not in the image list, or a file with more or fewer rows than there are images
 * Source: Chua et al. (CIVR 2009); split of Huynh and Elhamifar (CVPR 2020), as in MKT.
 */
export async function readNusWide(source: LineSource): Promise<NusWide> {
  const concepts = await nusWideConcepts(source);
  const tags = await readNames(where, source, lists.tagNames);
  const images = await readNames(where, source, lists.images);
  const isConcept = new Set(concepts);
  const seenTags = Int32Array.from(tags.keys()).filter((tag) => !isConcept.has(tags[tag]));
  const imageIndex = new Map<string, number>();
  for (const [index, name] of images.entries()) {
    if (imageIndex.has(name)) throw lineError(where, lists.images, index, 'another image than before', `${name} again`);
    imageIndex.set(name, index);
  }
  const train = await openSplit(source, lists.train, imageIndex, seenTags.length);
  const test = await openSplit(source, lists.test, imageIndex, seenTags.length + concepts.length);

  await eachFlagRow(source, lists.tags, images.length, tags.length, (flags, image) => {
    for (const { rowOf, labels } of [train, test]) {
      if (rowOf[image] < 0) continue;
      const start = rowOf[image] * labels.columns;
      for (let c = 0; c < seenTags.length; c++) labels.present[start + c] = flags[seenTags[c]];
    }
  });
  for (const [c, concept] of concepts.entries()) {
    await eachFlagRow(source, labelFile(concept), images.length, 1, ([flag], image) => {
      const row = test.rowOf[image];
      if (row >= 0) test.labels.present[row * test.labels.columns + seenTags.length + c] = flag;
    });
  }
  const isTag = new Set(tags);
  return {
    classes: [...Array.from(seenTags, (tag) => tags[tag]), ...concepts],
    seen: seenTags.length,
    untagged: concepts.filter((concept) => !isTag.has(concept)),
    train: { files: train.files, labels: train.labels },
    test: { files: test.files, labels: test.labels },
  };
}

/** What {@link checkNusWide} compares. */
export interface NusWideCounts {
  readonly trainImages: number;
  readonly testImages: number;
  readonly seen: number;
  readonly unseen: number;
  /** Positives of the test images among the unseen classes. */
  readonly unseenPositives: number;
  /** Positives of the test images among all classes. */
  readonly allPositives: number;
}

/**
 * The published sizes.
 *
 * Positives follow from precision and recall in the public log of BiAM, whose digits leave a range.
 */
export const nusWidePublished: { readonly [Name in keyof NusWideCounts]: ExpectedCount } = {
  trainImages: 161789,
  testImages: 107859,
  seen: 925,
  unseen: 81,
  unseenPositives: [202370, 202406],
  allPositives: [733924, 734125],
};

const publishedUntagged = ['computer', 'fire', 'map', 'swimmers', 'tattoo', 'whales'];

export function countNusWide({ classes, seen, train, test }: NusWide): NusWideCounts {
  const { rows, columns, present } = test.labels;
  let seenPositives = 0;
  let unseenPositives = 0;
  for (let row = 0; row < rows; row++) {
    for (let c = 0; c < seen; c++) seenPositives += present[row * columns + c];
    for (let c = seen; c < columns; c++) unseenPositives += present[row * columns + c];
  }
  return {
    trainImages: train.labels.rows,
    testImages: rows,
    seen,
    unseen: classes.length - seen,
    unseenPositives,
    allPositives: seenPositives + unseenPositives,
  };
}

/** Compares sizes with the published ones. */
export function checkNusWide(
  counts: NusWideCounts,
  expected: { readonly [Name in keyof NusWideCounts]: ExpectedCount } = nusWidePublished,
): CheckedFact[] {
  const fact = (name: keyof NusWideCounts, what: string): CheckedFact =>
    compareCount(what, counts[name], expected[name]);
  return [
    fact('trainImages', 'training images'),
    fact('testImages', 'test images'),
    fact('seen', 'seen classes'),
    fact('unseen', 'unseen classes'),
    fact('unseenPositives', 'test positives, unseen classes'),
    fact('allPositives', 'test positives, all classes'),
  ];
}

/** Checks that the unseen classes are the official list: alphabetical, six of them no tag. */
export function checkNusWideClasses({ classes, seen, untagged }: NusWide): CheckedFact[] {
  const unseen = classes.slice(seen);
  const misplaced = unseen.find((name, c) => c > 0 && name <= unseen[c - 1]);
  const [found, expected] = [untagged.join(', '), publishedUntagged.join(', ')];
  return [
    {
      what: 'order of the unseen classes',
      found: misplaced === undefined ? 'alphabetical' : `"${misplaced}" is misplaced`,
      expected: 'alphabetical',
      holds: misplaced === undefined,
    },
    { what: 'concepts that are no tag', found, expected, holds: found === expected },
  ];
}

/** Labels that one split may have, nearly twice what the published training images have. */
const mostLabels = 2 ** 28;

interface OpenSplit extends NusWideSplit {
  /** [images] the row of an image of the image list, −1 outside the split. */
  readonly rowOf: Int32Array;
}

async function openSplit(
  source: LineSource,
  file: string,
  imageIndex: ReadonlyMap<string, number>,
  columns: number,
): Promise<OpenSplit> {
  const names = await readNames(where, source, file);
  const rowOf = new Int32Array(imageIndex.size).fill(-1);
  for (const [row, name] of names.entries()) {
    const image = imageIndex.get(name);
    if (image === undefined) throw lineError(where, file, row, `an image of ${lists.images}`, name);
    if (rowOf[image] >= 0) throw lineError(where, file, row, 'another image than before', `${name} again`);
    rowOf[image] = row;
  }
  if (names.length * columns > mostLabels) {
    const expected = `a list of at most ${mostLabels} labels, of ${columns} classes each image`;
    throw new DataError({ where, argument: file, expected, received: `${names.length} images` });
  }
  const labels = { rows: names.length, columns, present: new Uint8Array(names.length * columns) };
  return { rowOf, files: names.map((name) => `Flickr/${name.replaceAll('\\', '/')}`), labels };
}

/** Visits rows of 0 and 1 divided by blanks; the array visited is used again. */
async function eachFlagRow(
  source: LineSource,
  file: string,
  rows: number,
  columns: number,
  visit: (flags: Uint8Array, row: number) => void,
): Promise<void> {
  const expected = `${rows} lines, one an image of ${lists.images}`;
  const flags = new Uint8Array(columns);
  const count = await eachLine(source, file, (line, row) => {
    const complain = (received: string): DataError =>
      lineError(where, file, row, columns === 1 ? '0 or 1' : `${columns} times 0 or 1, divided by blanks`, received);
    if (row >= rows) throw new DataError({ where, argument: file, expected, received: 'more' });
    let filled = 0;
    let apart = true;
    for (let at = 0; at < line.length; at++) {
      const code = line.charCodeAt(at);
      const blank = code === 32 || code === 9;
      if (!blank) {
        if (!(apart && (code === 48 || code === 49))) throw complain(`"${line.trim().slice(0, 40)}"`);
        // Writing past the end does nothing; the count tells.
        flags[filled++] = code - 48;
      }
      apart = blank;
    }
    if (filled !== columns) throw complain(`${filled}`);
    visit(flags, row);
  });
  if (count < rows) throw new DataError({ where, argument: file, expected, received: `${count} lines` });
}

function labelFile(concept: string): string {
  return `AllLabels/Labels_${concept}.txt`;
}
