import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { DataError } from '@ltml/tensor';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { recallOverPrecision } from '../src/expected-count.ts';
import { directoryLines } from '../src/node/directory-lines.ts';
import { missingFiles } from '../src/node/missing-files.ts';
import {
  checkNusWide,
  checkNusWideClasses,
  countNusWide,
  type NusWideCounts,
  nusWideFiles,
  nusWidePublished,
  readNusWide,
} from '../src/nus-wide.ts';

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'ltml-nus-'));
});
afterEach(() => rmSync(folder, { recursive: true }));

function write(file: string, text: string): void {
  mkdirSync(dirname(join(folder, file)), { recursive: true });
  writeFileSync(join(folder, file), text);
}

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
}

const read = (): ReturnType<typeof readNusWide> => readNusWide(directoryLines(folder));

test('takes seen labels from tags without concepts, unseen ones from people', async () => {
  writeSmallSet();
  const { classes, seen, untagged, train, test } = await read();
  expect(classes).toEqual(['nature', 'blue', 'old house', 'map', 'sky', 'zebra']);
  expect(seen).toBe(3);
  expect(untagged).toEqual(['map', 'zebra']);
  expect(train.files).toEqual(['Flickr/b/4_4.jpg', 'Flickr/a/1_1.jpg']);
  expect(train.labels).toEqual({ rows: 2, columns: 3, present: Uint8Array.of(0, 1, 1, 1, 0, 0) });
  expect(test.files).toEqual(['Flickr/b/5_5.jpg', 'Flickr/a/2_2.jpg', 'Flickr/b/3_3.jpg']);
  expect(test.labels.columns).toBe(6);
  const rows = [
    [1, 1, 0, 1, 0, 1],
    [0, 0, 1, 0, 1, 1],
    [0, 0, 0, 0, 0, 0],
  ];
  expect(Array.from(test.labels.present)).toEqual(rows.flat());
});

test('reads the same from batches cut anywhere', async () => {
  writeSmallSet();
  const whole = directoryLines(folder);
  const byLine = await readNusWide(async function* (file) {
    for await (const batch of whole(file)) for (const line of batch) yield [line];
  });
  expect(byLine).toEqual(await read());
});

test('counts positives of the test images and compares them with what is expected', async () => {
  writeSmallSet();
  const counts = countNusWide(await read());
  expect(counts).toEqual({
    trainImages: 2,
    testImages: 3,
    seen: 3,
    unseen: 3,
    unseenPositives: 4,
    allPositives: 7,
  } satisfies NusWideCounts);
  const hit = { ...counts, unseenPositives: [3, 4], allPositives: [7, 9] } as const;
  expect(checkNusWide(counts, hit).every(({ holds }) => holds)).toBe(true);
  const missed = checkNusWide(counts, { ...hit, unseenPositives: [1, 3], testImages: 4 });
  expect(missed.filter(({ holds }) => !holds)).toEqual([
    { what: 'test images', found: 3, expected: '4', holds: false },
    { what: 'test positives, unseen classes', found: 4, expected: '1 to 3', holds: false },
  ]);
  expect(checkNusWide(counts).some(({ holds }) => holds)).toBe(false);
});

test.each([
  [202370, 733924, true],
  [202406, 734125, true],
  [202369, 733924, false],
  [202407, 733924, false],
  [202370, 733923, false],
  [202370, 734126, false],
])('of the published sizes, %i and %i positives: %s', (unseenPositives, allPositives, holds) => {
  const counts = { trainImages: 161789, testImages: 107859, seen: 925, unseen: 81, unseenPositives, allPositives };
  expect(checkNusWide(counts).every((fact) => fact.holds)).toBe(holds);
});

test('the published positives give the published recall over precision', () => {
  const { testImages, unseenPositives, allPositives } = nusWidePublished;
  const middle = (range: unknown): number => ((range as number[])[0] + (range as number[])[1]) / 2;
  const ratio = (k: number, positives: unknown): number =>
    recallOverPrecision(k, testImages as number, middle(positives));
  // Rounded as published: 4 digits.
  expect(Math.abs(ratio(3, unseenPositives) - 1.5987)).toBeLessThan(2e-4);
  expect(Math.abs(ratio(5, unseenPositives) - 2.665)).toBeLessThan(5e-4);
  expect(Math.abs(ratio(3, allPositives) - 0.4409)).toBeLessThan(2e-4);
  expect(Math.abs(ratio(5, allPositives) - 0.7347)).toBeLessThan(2e-4);
});

test('knows the official concept list by its order and by the six that are no tag', async () => {
  writeSmallSet();
  const data = await read();
  expect(checkNusWideClasses(data).map(({ holds }) => holds)).toEqual([true, false]);
  const untagged = ['computer', 'fire', 'map', 'swimmers', 'tattoo', 'whales'];
  expect(checkNusWideClasses({ ...data, untagged })[1].holds).toBe(true);
  const classes = ['nature', 'blue', 'old house', 'sky', 'map', 'zebra'];
  expect(checkNusWideClasses({ ...data, classes })[0].found).toBe('"map" is misplaced');
});

test.each([
  ['NUS_WID_Tags/AllTags1k.txt', '1 1 0 0\n1 1 0\n', /AllTags1k.txt, line 2, should be 4 times 0 or 1.*got 3$/],
  ['NUS_WID_Tags/AllTags1k.txt', '1 1 0 0 1\n', /line 1, .*got 5$/],
  ['NUS_WID_Tags/AllTags1k.txt', '1 1 0 2\n', /line 1, .*got "1 1 0 2"$/],
  ['NUS_WID_Tags/AllTags1k.txt', '1 10 0\n', /line 1, .*got "1 10 0"$/],
  ['AllLabels/Labels_sky.txt', '1\n\n0\n1\n1\n', /Labels_sky.txt, line 2, should be 0 or 1, got 0$/],
  ['AllLabels/Labels_sky.txt', '1\n0\n', /Labels_sky.txt should be 5 lines, one an image of .*, got 2 lines$/],
  ['AllLabels/Labels_sky.txt', '1\n0\n1\n1\n1\n1\n', /Labels_sky.txt should be 5 lines.*, got more$/],
  [
    'ImageList/TestImagelist.txt',
    'b\\5_5.jpg\nc\\5_5.jpg\n',
    /TestImagelist.txt, line 2, should be an image of .*, got c/,
  ],
  ['ImageList/TestImagelist.txt', 'b\\5_5.jpg\nb\\5_5.jpg\n', /line 2, should be another image.*again$/],
  ['ImageList/Imagelist.txt', 'a\\1_1.jpg\na\\1_1.jpg\n', /Imagelist.txt, line 2, should be another image.*again$/],
  ['Concepts81.txt', 'map\n\nsky\n', /Concepts81.txt, line 2, should be a name, got a blank line$/],
])('refuses %s with %j, by file and line', async (file, text, message) => {
  writeSmallSet();
  write(file, text);
  const error = await read().catch((thrown: unknown) => thrown);
  expect(DataError.is(error)).toBe(true);
  expect((error as Error).message).toMatch(message);
});

test('names a missing file, and all of them', async () => {
  writeSmallSet();
  rmSync(join(folder, 'AllLabels/Labels_map.txt'));
  rmSync(join(folder, 'NUS_WID_Tags'), { recursive: true });
  await expect(read()).rejects.toThrow(/NUS_WID_Tags\/TagList1k.txt should be a file that can be read, got ENOENT/);
  expect(await missingFiles(folder, nusWideFiles(['map', 'sky', 'zebra']))).toEqual([
    'NUS_WID_Tags/TagList1k.txt',
    'NUS_WID_Tags/AllTags1k.txt',
    'AllLabels/Labels_map.txt',
  ]);
});
