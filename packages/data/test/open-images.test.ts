import { DataError } from '@ltml/tensor';
import { expect, test } from 'vitest';
import {
  type AnnotatedImage,
  annotatedLabels,
  checkOpenImages,
  countOpenImages,
  type OpenImagesCounts,
  openImagesPublished,
  readOpenImages,
  readOpenImagesClasses,
} from '../src/open-images.ts';
import type { LineSource } from '../src/text-lines.ts';

const header = 'ImageID,Source,LabelName,Confidence';
const files = {
  'classes-trainable.txt': '/m/a\n/m/b\n/m/c\n',
  'unseen_labels.txt': '/m/x\n/m/y\n/m/z\n',
  'top_400_unseen.csv': '2,0\n',
  'class-descriptions.csv': '/m/z,Zebra\n/m/q,Not asked for\n/m/x,"Axe, ""old"""\n/m/c,Cat\n/m/b,Bear\n/m/a,Ant\n',
  'test-annotations-human-imagelabels.csv': [
    header,
    '01,verification,/m/a,1',
    '01,crowdsource-verification,/m/b,0',
    '01,verification,/m/x,1',
    '02,verification,/m/b,1',
    '02,verification,/m/b,1',
    '02,verification,/m/c,1',
    '02,crowdsource-verification,/m/c,0',
    '03,verification,/m/c,0',
    '03,verification,/m/y,1',
    '04,verification,/m/z,1',
    '04,verification,/m/x,1',
    '',
  ].join('\n'),
};

/** One line a batch, so that an image is always cut. */
const sourceOf = (texts: Record<string, string>): LineSource =>
  async function* (file) {
    for (const line of texts[file].split('\n')) yield [line];
  };

async function read(texts: Record<string, string> = files): Promise<AnnotatedImage[]> {
  const source = sourceOf(texts);
  const images: AnnotatedImage[] = [];
  for await (const image of readOpenImages(source, 'test', await readOpenImagesClasses(source))) images.push(image);
  return images;
}

test('has trainable classes first, then those that the second list chooses of the first', async () => {
  expect(await readOpenImagesClasses(sourceOf(files))).toEqual({
    ids: ['/m/a', '/m/b', '/m/c', '/m/z', '/m/x'],
    names: ['Ant', 'Bear', 'Cat', 'Zebra', 'Axe, "old"'],
    seen: 3,
    candidates: 3,
  });
});

test('merges the rows of an image; a contradiction is unknown', async () => {
  expect(await read()).toEqual([
    { id: '01', present: [0, 4], absent: [1] },
    { id: '02', present: [1], absent: [] },
    { id: '03', present: [], absent: [2] },
    { id: '04', present: [3, 4], absent: [] },
  ]);
});

test('makes labels in which all is unknown that nobody annotated', async () => {
  const { present, known } = annotatedLabels((await read()).slice(0, 3), 5);
  expect(Array.from(present)).toEqual([1, 0, 0, 0, 1, 0, 1, 0, 0, 0, 0, 0, 0, 0, 0]);
  expect(Array.from(known)).toEqual([1, 1, 0, 0, 1, 0, 1, 0, 0, 0, 0, 0, 1, 0, 0]);
});

test('counts each protocol over the images with a present class of its own', async () => {
  const source = sourceOf(files);
  const classes = await readOpenImagesClasses(source);
  const counts = await countOpenImages(readOpenImages(source, 'test', classes), classes);
  expect(counts).toEqual({
    seen: 3,
    unseen: 2,
    candidates: 3,
    // Ant and bear; the cat is annotated in an image that is left out, and unknown in another.
    annotatedSeen: 2,
    // Images 01 and 04, three positives; images 01, 02 and 04, five positives.
    zslRecallOverPrecision: 20 / 3,
    gzslRecallOverPrecision: 6,
  } satisfies OpenImagesCounts);
  const hit = { ...counts, zslRecallOverPrecision: [6.66, 6.67] } as const;
  expect(checkOpenImages(counts, hit).every(({ holds }) => holds)).toBe(true);
  const missed = checkOpenImages(counts, { ...hit, annotatedSeen: 3 }).filter(({ holds }) => !holds);
  expect(missed.map(({ what }) => what)).toEqual(['seen classes that test images have']);
});

test('the published ratios at k = 20 lie in the same ranges', () => {
  const [from, to] = openImagesPublished.zslRecallOverPrecision as [number, number];
  expect(15.6 / 2).toBeGreaterThanOrEqual(from);
  expect(15.6 / 2).toBeLessThanOrEqual(to);
  const [low, high] = openImagesPublished.gzslRecallOverPrecision as [number, number];
  // Recall over precision in MKT's own row.
  expect(58.5 / 25.4 / 2).toBeGreaterThanOrEqual(low);
  expect(58.5 / 25.4 / 2).toBeLessThanOrEqual(high);
});

const annotations = 'test-annotations-human-imagelabels.csv';
test.each([
  [annotations, 'ImageID,LabelName\n', /imagelabels.csv, line 1, should be ImageID,Source.*got ImageID,LabelName$/],
  [annotations, '', /line 1, should be ImageID,Source/],
  [
    annotations,
    `${header}\n01,verification,/m/a\n`,
    /line 2, should be .* confidence 0 or 1, got 01,verification,\/m\/a$/,
  ],
  [annotations, `${header}\n01,verification,/m/a,0.7\n`, /line 2, should be .*0\.7$/],
  [annotations, `${header}\n01,verification,/m/a,\n`, /line 2, should be /],
  [annotations, `${header}\n02,v,/m/a,1\n01,v,/m/a,1\n`, /line 3, should be sorted by image, got 01 after 02$/],
  ['top_400_unseen.csv', '0\n3\n', /top_400_unseen.csv, line 2, should be places from 0 to 2, got 3$/],
  ['top_400_unseen.csv', '0,0\n', /top_400_unseen.csv, line 1, should be another place than before, got 0 again/],
  [
    'unseen_labels.txt',
    '/m/a\n/m/b\n/m/c\n',
    /top_400_unseen.csv, line 1, should be places of classes that are not trainable, got 2, \/m\/c/,
  ],
  ['top_400_unseen.csv', '0x1\n', /top_400_unseen.csv, line 1, should be places from 0 to 2, got 0x1$/],
  ['classes-trainable.txt', '/m/a\n/m/a\n', /classes-trainable.txt, line 2, should be another class .*\/m\/a again$/],
  [
    'classes-trainable.txt',
    `/m/${'a'.repeat(400)}\n`,
    /classes-trainable.txt, line 1, should be a name of at most 300/,
  ],
  ['class-descriptions.csv', '/m/a\n', /class-descriptions.csv, line 1, should be an id, a comma and a name/],
  ['class-descriptions.csv', '/m/a,"Ant\n', /class-descriptions.csv, line 1, should be a name .* both quotes or none/],
  ['class-descriptions.csv', '/m/a,Ant\n/m/a,Bee\n', /class-descriptions.csv, line 2, should be another class/],
  [
    'class-descriptions.csv',
    '/m/a,Ant\n',
    /class-descriptions.csv should be a description of every class, got none of/,
  ],
])('refuses %s with %j, by file and line', async (file, text, message) => {
  const error = await read({ ...files, [file]: text }).catch((thrown: unknown) => thrown);
  expect(DataError.is(error)).toBe(true);
  expect((error as Error).message).toMatch(message);
});
