import { rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { DataError } from '@ltml/tensor';
import { expect, test } from 'vitest';
import { recallOverPrecision } from '../../src/index.ts';
import { checkPublishedSet, publishedDataSet, readPublishedSet } from '../../src/node/index.ts';
import { nusWide } from '../../src/sets/nus-wide.ts';
import { setFolder } from './set-folder.ts';

const folder = setFolder();
const { write } = folder;

/** Five images, four tags of which one is a concept, three concepts. Splits are in another order than the images. */
function writeSmallSet(): void {
  write('Concepts81.txt', 'map\nsky\nzebra\n');
  write('NUS_WID_Tags/TagList1k.txt', 'nature\nsky\nblue\nold house\n');
  write('ImageList/Imagelist.txt', 'a\\1_1.jpg\r\na\\2_2.jpg\r\nb\\3_3.jpg\r\nb\\4_4.jpg\r\nb\\5_5.jpg\r\n');
  write('ImageList/TrainImagelist.txt', 'b\\4_4.jpg\na\\1_1.jpg\n');
  write('ImageList/TestImagelist.txt', 'b\\5_5.jpg\na\\2_2.jpg\nb\\3_3.jpg\n');
  // Tags end in a tab, as published.
  write('NUS_WID_Tags/AllTags1k.txt', '1\t1\t0\t0\t\n0\t1\t0\t1\t\n0\t0\t0\t0\t\n0\t0\t1\t1\t\n1\t0\t1\t0\t\n');
  write('AllLabels/Labels_map.txt', '1\n0\n0\n1\n1\n');
  write('AllLabels/Labels_sky.txt', '0\n1\n0\n0\n0\n');
  write('AllLabels/Labels_zebra.txt', '0\n1\n0\n0\n1\n\n');
  for (const name of ['a/1_1', 'a/2_2', 'b/3_3', 'b/4_4', 'b/5_5']) write(`Flickr/${name}.jpg`, 'picture');
}

const read = () => readPublishedSet('nus-wide', { root: folder.root });

test('takes seen labels from tags without concepts, unseen ones from people', async () => {
  writeSmallSet();
  const { classes, splits } = await read();
  expect(classes.map(({ name, seen }) => [name, seen])).toEqual([
    ...['nature', 'blue', 'old house'].map((name) => [name, true]),
    ...['map', 'sky', 'zebra'].map((name) => [name, false]),
  ]);
  const rows = ({ labels }: (typeof splits)[string]) =>
    Array.from({ length: labels.rows }, (_, row) => Array.from(labels.row(row).present));
  expect([splits.train.labels.columns, rows(splits.train)]).toEqual([3, [[1, 2], [0]]]);
  // An image without labels stays.
  expect([splits.test.labels.columns, rows(splits.test)]).toEqual([6, [[0, 1, 3, 5], [2, 4, 5], []]]);
  expect(splits.test.pictures.file(0)).toBe('Flickr/b/5_5.jpg');
});

test('a split is a named list: text, or names as pickles have them (trap 20)', async () => {
  writeSmallSet();
  write('ImageList/small.txt', 'a/2_2.jpg\n');
  const lists = { test: 'ImageList/small.txt' };
  const { facts, set } = await checkPublishedSet('nus-wide', { root: folder.root, lists });
  expect([set.splits.test.labels.rows, set.splits.test.pictures.key(0)]).toEqual([1, 'a/2_2.jpg']);
  // Counts of the official split are not those of another one.
  expect(facts.map(({ what }) => what).filter((what) => what.startsWith('test'))).toEqual([]);
  writeFileSync(join(folder.root, 'names.pkl'), Buffer.from('(dp0\nVimg_names\n(lp1\nVb_3_3.jpg\nas.'));
  const { splits } = await publishedDataSet('nus-wide', { root: folder.root, lists: { test: 'names.pkl' } });
  expect(splits.test?.pictures.key(0)).toBe('b/3_3.jpg');
});

test('knows the official concept list by its order and by the six that are no tag (trap 22)', async () => {
  writeSmallSet();
  const factOf = async (what: string) =>
    (await checkPublishedSet('nus-wide', { root: folder.root })).facts.find((f) => f.what === what);
  expect(await factOf('order of the concepts')).toMatchObject({ found: 'alphabetical', holds: true });
  expect(await factOf('concepts that equal no tag')).toMatchObject({ found: 'map, zebra', holds: false });
  expect(await factOf('test: present labels of unseen classes')).toMatchObject({ found: 4, holds: false });
  write('Concepts81.txt', 'sky\nmap\nzebra\n');
  expect(await factOf('order of the concepts')).toMatchObject({ found: '"map" is misplaced', holds: false });
});

test('the published positives give the published recall over precision', () => {
  const middle = (labels: 'all' | 'concepts'): number => {
    const [from, to] = nusWide.expected({ labels }).splits.test.positives as [number, number];
    return (from + to) / 2;
  };
  // Rounded as published: 4 digits.
  const pairs = [
    ['concepts', 3, 1.5987, 2e-4],
    ['concepts', 5, 2.665, 5e-4],
    ['all', 3, 0.4409, 2e-4],
    ['all', 5, 0.7347, 2e-4],
  ] as const;
  for (const [labels, k, ratio, within] of pairs) {
    expect(Math.abs(recallOverPrecision(k, 107859, middle(labels)) - ratio)).toBeLessThan(within);
  }
});

test.each([
  ['NUS_WID_Tags/AllTags1k.txt', '1 1 0 0\n1 1 0\n', /AllTags1k.txt, line 2, should be 4 times 0 or 1.*got 3$/],
  ['NUS_WID_Tags/AllTags1k.txt', '1 1 0 0 1\n', /line 1, .*got 5$/],
  ['NUS_WID_Tags/AllTags1k.txt', '1 1 0 2\n', /line 1, .*got "1 1 0 2"$/],
  ['NUS_WID_Tags/AllTags1k.txt', '1 10 0\n', /line 1, .*got "1 10 0"$/],
  ['AllLabels/Labels_sky.txt', '1\n\n0\n1\n1\n', /Labels_sky.txt, line 2, should be 0 or 1, got 0$/],
  ['AllLabels/Labels_sky.txt', '1\n0\n', /Labels_sky.txt, should be 5 lines, one per image of .*, got 2 lines$/],
  ['AllLabels/Labels_sky.txt', '1\n0\n1\n1\n1\n1\n', /Labels_sky.txt, should be 5 lines.*, got more$/],
  [
    'ImageList/TestImagelist.txt',
    'b\\5_5.jpg\nc\\5_5.jpg\n',
    /TestImagelist.txt, line 2, should be an image of .*, got c/,
  ],
  ['ImageList/TestImagelist.txt', 'b\\5_5.jpg\nb\\5_5.jpg\n', /line 2, should be a picture that is listed once/],
  [
    'ImageList/Imagelist.txt',
    'a\\1_1.jpg\na\\1_1.jpg\n',
    /Imagelist.txt, line 2, should be a name that is not listed yet.*again$/,
  ],
  ['Concepts81.txt', 'map\n\nsky\n', /Concepts81.txt, line 2, should be text, got a blank line$/],
])('refuses %s with %j, by file and line', async (file, text, message) => {
  writeSmallSet();
  write(file, text);
  const error = await read().catch((thrown: unknown) => thrown);
  expect(DataError.is(error)).toBe(true);
  expect((error as Error).message).toMatch(message);
});

test('names a missing file', async () => {
  writeSmallSet();
  rmSync(join(folder.root, 'AllLabels/Labels_map.txt'));
  await expect(read()).rejects.toThrow(/Labels_map.txt should be a file that can be read, got no such file/);
});
