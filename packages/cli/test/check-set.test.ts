import { copyFileSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { publishedSets } from '@ltml/data';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { writeMiniature } from '../src/run/miniatures/miniatures.ts';
import { ltml } from './in-process.ts';

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'ltml-set-'));
});
afterEach(() => rmSync(folder, { recursive: true }));

it('lists the data sets with where they are published', async () => {
  const { stdout } = await ltml('data', 'list');
  for (const [name, { source }] of Object.entries(publishedSets)) {
    expect(stdout.split('\n').find((line) => line.startsWith(`${name} `))).toContain(source);
  }
  const listed = JSON.parse((await ltml('data', 'list', '--json')).stdout) as { name: string }[];
  expect(listed.map(({ name }) => name)).toEqual(Object.keys(publishedSets));
});

it('compares a miniature with the published set: roles, counts, class order, what is missing, and where it is published', async () => {
  await writeMiniature(folder, 'voc07');
  const { code, stdout } = await ltml('data', 'check', 'voc07', folder);
  expect(code).toBe(1);
  expect(stdout).toMatch(/^PASCAL VOC 2007: \d+ images of trainval for train, \d+ images of test for test$/m);
  expect(stdout).toMatch(/^wrong {2}trainval: images +\d+, expected 5011$/m);
  expect(stdout).toMatch(/^ok {5}class order +as published$/m);
  expect(stdout).toMatch(/^no picture is missing$/m);
  expect(stdout).toMatch(/^the authors publish it at http.*voc2007/m);
  rmSync(join(folder, 'VOCdevkit/VOC2007/JPEGImages/000001.jpg'));
  const json = await ltml('data', 'check', 'voc07', folder, '--json', '--set', 'difficult=positive');
  expect(JSON.parse(json.stdout)).toMatchObject({
    set: 'voc07',
    complete: false,
    missing: ['VOCdevkit/VOC2007/JPEGImages/000001.jpg'],
    splits: [
      { name: 'trainval', role: 'train' },
      { name: 'test', role: 'test' },
    ],
  });
});

it('finds pictures of one set among those of another, and in two splits', async () => {
  await writeMiniature(folder, 'coco14');
  await writeMiniature(folder, 'coco17');
  const { stdout } = await ltml('data', 'check', 'coco14', folder, '--with', `coco17=${folder}`);
  expect(stdout).toMatch(/^\d+ pictures are in train and in train of coco17: 1, 2, 3, 4, 5 …$/m);
  const lists = join(folder, 'VOCdevkit/VOC2007/ImageSets/Main');
  await writeMiniature(folder, 'voc07');
  copyFileSync(join(lists, 'trainval.txt'), join(lists, 'test.txt'));
  expect((await ltml('data', 'check', 'voc07', folder)).stdout).toMatch(/pictures are in trainval and in test: /);
});

it('names the list that is missing, with its page, and file and line of a broken one', async () => {
  await writeMiniature(folder, 'nus-wide');
  const tags = join(folder, 'NUS_WID_Tags/AllTags1k.txt');
  const text = readFileSync(tags, 'utf8');
  writeFileSync(tags, text.replace('\n', '\t1\n'));
  const broken = await ltml('data', 'check', 'nus-wide', folder);
  expect(broken).toMatchObject({ code: 1, stdout: '' });
  expect(broken.stderr).toMatch(/AllTags1k\.txt, line 1/);
  rmSync(tags);
  const missing = await ltml('data', 'check', 'nus-wide', folder);
  expect(missing.code).toBe(1);
  expect(missing.stderr).toMatch(/AllTags1k\.txt/);
  expect(missing.stderr).toMatch(/^NUS-WIDE: the authors publish it at https:/m);
});

it.each([
  ['another set', ['nus', '.'], /one folder or recipe/],
  [
    'no folder',
    ['nus-wide', '/no/such/folder'],
    /\/no\/such\/folder is no folder; the authors publish the data set at https/,
  ],
  ['a set without a folder', ['voc07'], /give the folder of the data set/],
  ['no option', ['voc07', '.', '--set', 'difficult'], /should be option=value/],
  ['another set without a folder', ['voc07', '.', '--with', 'voc12'], /should be SET=DIR/],
])('%s is a wrong call', async (_name, args, message) => {
  const { code, stderr } = await ltml('data', 'check', ...args);
  expect(code).toBe(2);
  expect(stderr).toMatch(message);
});
