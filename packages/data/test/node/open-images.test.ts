import { rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { DataError } from '@ltml/tensor';
import sharp from 'sharp';
import { beforeEach, describe, expect, test } from 'vitest';
import type { DataSet } from '../../src/index.ts';
import { checkPublishedSet, publishedDataSet, readPublishedSet } from '../../src/node/index.ts';
import { setFolder } from './set-folder.ts';

const header = 'ImageID,Source,LabelName,Confidence';
const annotations = 'test-annotations-human-imagelabels.csv';
const files: Readonly<Record<string, string>> = {
  'classes-trainable.txt': '/m/a\n/m/b\n/m/c\n',
  'unseen_labels.txt': '/m/x\n/m/y\n/m/z\n',
  'top_400_unseen.csv': '2,0\n',
  'class-descriptions.csv': '/m/z,Zebra\n/m/q,Not asked for\n/m/x,"Axe, ""old"""\n/m/c,Cat\n/m/b,Bear\n/m/a,Ant\n',
  [annotations]: [
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
    '04,verification,/m/x,1.0',
    '',
  ].join('\r\n'),
  ...Object.fromEntries(['01', '02', '03', '04'].map((id) => [`test/${id}.jpg`, 'picture'])),
};

const folder = setFolder();
const { write } = folder;
beforeEach(() => {
  for (const [file, text] of Object.entries(files)) write(file, text);
});

const read = () => readPublishedSet('open-images', { root: folder.root, splits: ['test'] });

test('has trainable classes first, then those that the second list chooses of the first', async () => {
  const { classes } = await read();
  expect(classes).toEqual([
    { id: '/m/a', name: 'Ant', seen: true },
    { id: '/m/b', name: 'Bear', seen: true },
    { id: '/m/c', name: 'Cat', seen: true },
    { id: '/m/z', name: 'Zebra', seen: false },
    { id: '/m/x', name: 'Axe, "old"', seen: false },
  ]);
});

test('merges the rows of an image; a contradiction is unknown (trap 23)', async () => {
  const { labels, pictures } = (await read()).splits.test;
  const rows = Array.from({ length: labels.rows }, (_, i) => {
    const { present, absent } = labels.row(i);
    return [pictures.key(i), [...present], [...(absent as Int32Array)]];
  });
  expect(rows).toEqual([
    ['01', [0, 4], [1]],
    ['02', [1], []],
    ['03', [], [2]],
    ['04', [3, 4], []],
  ]);
  expect(pictures.file(3)).toBe('test/04.jpg');
});

test('the unseen labels may stand in a pickle, which is read as data', async () => {
  const { classes } = await read();
  rmSync(join(folder.root, 'unseen_labels.txt'));
  writeFileSync(join(folder.root, 'unseen_labels.pkl'), Buffer.from('(lp0\nV/m/x\naV/m/y\naV/m/z\na.'));
  expect((await read()).classes).toEqual(classes);
});

test('counts each protocol over the images with a present class of its own (trap 24)', async () => {
  const { facts } = await checkPublishedSet('open-images', { root: folder.root, splits: ['test'] });
  const found = Object.fromEntries(facts.map((fact) => [fact.what, fact.found]));
  expect(found).toEqual({
    classes: 5,
    'seen classes': 3,
    'test labels absent from training': 3,
    // Ant and bear; the cat is annotated in an image that is left out, and unknown in another.
    'seen classes that test images have': 2,
    // Images 01 and 04, three positives; images 01, 02 and 04, five positives.
    'recall over precision, ZSL@10': 20 / 3,
    'recall over precision, GZSL@10': 6,
  });
});

describe('pictures', () => {
  test('that are missing are named, or counted', async () => {
    rmSync(join(folder.root, 'test/02.jpg'));
    write('test/.02.jpg', 'other');
    await expect(read()).rejects.toThrow(/should be pictures that exist, got test\/02.jpg, which is missing/);
    expect((await checkPublishedSet('open-images', { root: folder.root, splits: ['test'] })).missing).toEqual([
      'test/02.jpg',
    ]);
    rmSync(join(folder.root, 'test'), { recursive: true });
    expect((await checkPublishedSet('open-images', { root: folder.root, splits: ['test'] })).missing).toEqual([
      'test/',
    ]);
  });
});

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
  [annotations, `${header}\n,verification,/m/a,1\n`, /line 2, should be /],
  [annotations, `${header}\n02,v,/m/a,1\n01,v,/m/a,1\n`, /line 3, should be sorted by image, got 01 after 02$/],
  ['top_400_unseen.csv', '0\n3\n', /top_400_unseen.csv, line 2, should be places from 0 to 2, got 3$/],
  ['top_400_unseen.csv', '0,0\n', /top_400_unseen.csv, line 1, should be an index that is not listed yet, got 0 again/],
  [
    'unseen_labels.txt',
    '/m/a\n/m/b\n/m/c\n',
    /top_400_unseen.csv, line 1, should be places of classes .* got 2, \/m\/c/,
  ],
  ['top_400_unseen.csv', '0x1\n', /top_400_unseen.csv, line 1, should be places from 0 to 2, got 0x1$/],
  [
    'classes-trainable.txt',
    '/m/a\n/m/a\n',
    /classes-trainable.txt, line 2, should be a class that is not listed yet.*\/m\/a again$/,
  ],
  ['class-descriptions.csv', '/m/a\n', /class-descriptions.csv, line 1, should be an id and a name/],
  [
    'class-descriptions.csv',
    '/m/a,"Ant\n',
    /class-descriptions.csv, line 1, should be a row of quoted and plain fields/,
  ],
  [
    'class-descriptions.csv',
    '/m/a,Ant\n/m/a,Bee\n',
    /class-descriptions.csv, line 2, should be a class that is not listed yet/,
  ],
  [
    'class-descriptions.csv',
    '/m/a,Ant\n',
    /class-descriptions.csv, should be a description of every class, got none of/,
  ],
])('refuses %s with %j, by file and line', async (file, text, message) => {
  write(file, text);
  const error = await read().catch((thrown: unknown) => thrown);
  expect(DataError.is(error)).toBe(true);
  expect((error as Error).message).toMatch(message);
});

describe('how pictures are turned (trap 13)', () => {
  const list = 'test-images-with-rotation.csv';
  const columns = 'ImageID,Subset,OriginalURL,Title,Rotation';
  // Red at the left, blue at the right; EXIF says that it lies on its side.
  const bar = () =>
    sharp(Uint8Array.of(255, 0, 0, 0, 0, 255), { raw: { width: 2, height: 1, channels: 3 } })
      .withMetadata({ orientation: 6 })
      .png()
      .toBuffer();
  const open = (decode: 'upright' | 'as-pil', onWarning: (message: string) => void = () => {}) =>
    publishedDataSet('open-images', { root: folder.root, decode, splits: { train: 'test' }, onWarning });
  const sides = async ({ splits: { train } }: DataSet) =>
    Promise.all([0, 1, 2, 3].map((i) => train.pictures.read(i).then(({ height, width }) => `${height} x ${width}`)));

  beforeEach(async () => {
    for (const id of ['01', '02', '03', '04']) writeFileSync(join(folder.root, `test/${id}.jpg`), await bar());
    write(
      list,
      [columns, '01,test,u,"A, ""b""\nc",90.0', '02,test,u,t,180', '03,test,u,t,nan', '99,test,u,t,270'].join('\r\n'),
    );
  });

  test('is read from the published list where pictures are to be upright; EXIF counts where it says nothing', async () => {
    const set = await open('upright');
    expect(await sides(set)).toEqual(['2 x 1', '1 x 2', '2 x 1', '2 x 1']);
    const { pictures } = set.splits.train;
    expect([...(await pictures.read(0)).pixels]).toEqual([0, 0, 255, 255, 0, 0]);
    expect([...(await pictures.read(1)).pixels]).toEqual([0, 0, 255, 255, 0, 0]);
    expect((await pictures.subset?.([1]).read(0))?.height).toBe(1);
    expect(await sides(await open('as-pil'))).toEqual(['1 x 2', '1 x 2', '1 x 2', '1 x 2']);
  });

  test('is that of EXIF without the list, with a warning', async () => {
    rmSync(join(folder.root, list));
    const warnings: string[] = [];
    expect(await sides(await open('upright', (text) => warnings.push(text)))).toEqual(Array(4).fill('2 x 1'));
    expect(warnings).toEqual([
      'open-images: pictures of test are rotated by EXIF only, because test-images-with-rotation.csv or image_ids_and_rotation.csv does not exist',
    ]);
  });

  test.each([
    ['ImageID,Title\n', /rotation.csv, line 1, should be columns ImageID and Rotation, got ImageID,Title$/],
    [`${columns}\n01,test,u,t,45\n`, /rotation.csv, line 2, should be a rotation of 0, 90, 180, 270 or none, got 45$/],
    [`${columns}\n01,test,u\n`, /rotation.csv, line 2, should be a row of quoted and plain fields/],
    [`${columns}\n01,test,"u\n`, /rotation.csv, line 2, should be a row of quoted and plain fields/],
  ])('refuses the list %j, by line', async (text, message) => {
    write(list, text);
    await expect(open('upright')).rejects.toThrow(message);
  });
});

test('reads version 6 with its own files', async () => {
  const ids = ['/m/a', '/m/b'];
  write('oidv6-classes-trainable.txt', ids.join('\n'));
  write('oidv6-class-descriptions.csv', `LabelName,DisplayName\n${ids.map((id) => `${id},name`).join('\n')}\n`);
  write('oidv6-train-annotations-human-imagelabels.csv', `${header}\n0a,v,/m/b,1\n0b,v,/m/a,0\n`);
  for (const id of ['0a', '0b']) write(`train/${id}.jpg`, 'picture');
  const { classes, splits } = await readPublishedSet('open-images-v6', { root: folder.root, splits: ['train'] });
  expect(classes.map(({ id }) => id)).toEqual(ids);
  expect([splits.train.labels.row(0).present, splits.train.labels.row(1).absent]).toEqual([
    Int32Array.of(1),
    Int32Array.of(0),
  ]);
});
