import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { readSafetensors } from '@ltml/tensor';
import sharp from 'sharp';
import { afterAll, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest';
import { main } from '../src/program.ts';
import { writeOwnPictures } from '../src/run/own-pictures.ts';

const fixtures = fileURLToPath(new URL('../../data/test/fixtures/readers/', import.meta.url));
let folder: string;
let recipe: string;
let printed: string[] = [];
let complaints: string[] = [];

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'ltml-data-'));
  mkdirSync(join(folder, 'pictures'));
  await writeOwnPictures(join(folder, 'pictures'), 60, 0);
  recipe = join(folder, 'own.yaml');
  writeFileSync(
    recipe,
    `data: { name: table, root: ${join(folder, 'pictures')}, file: labels.csv }\nloss: { name: focal }\n`,
  );
  vi.spyOn(process.stdout, 'write').mockImplementation((text) => printed.push(String(text)) > 0);
  vi.spyOn(process.stderr, 'write').mockImplementation((text) => complaints.push(String(text)) > 0);
});
beforeEach(() => {
  [printed, complaints] = [[], []];
});
afterAll(() => {
  vi.restoreAllMocks();
  process.exitCode = undefined;
  rmSync(folder, { recursive: true });
});

/** The exit code of a command; what it printed is in `printed`. */
async function ltml(...args: string[]): Promise<number> {
  process.exitCode = undefined;
  printed = [];
  return main(args);
}

const pictures = (file: string): string => join(folder, 'pictures', file);
const table = (file: string): string[][] =>
  readFileSync(pictures(file), 'utf8')
    .trimEnd()
    .split('\n')
    .map((line) => line.split(','));

describe('data rows', () => {
  it('prints what a layout has, by split, or its classes', async () => {
    const args = [
      'data',
      'rows',
      'table',
      join(fixtures, 'table/tree'),
      '--set',
      'file=labels.csv',
      '--set',
      'separator=;',
    ];
    expect(await ltml(...args, '--split', 'train')).toBe(0);
    const rows = printed
      .join('')
      .trimEnd()
      .split('\n')
      .map((line) => JSON.parse(line));
    const expected = readFileSync(join(fixtures, 'table/expected/table-csv-labels.jsonl'), 'utf8')
      .trimEnd()
      .split('\n');
    const sorted = (row: { present: string[] }) => ({ ...row, present: [...row.present].sort() });
    expect(rows.map(sorted)).toEqual(expected.map((line) => sorted(JSON.parse(line))));
    expect(await ltml(...args, '--classes')).toBe(0);
    expect(printed.join('')).toBe(readFileSync(join(fixtures, 'table/expected/classes.txt'), 'utf8'));
    expect(await ltml(...args, '--split', 'tst')).toBe(2);
  });

  it('ends in one sentence, and exit code 1, at what is malformed', async () => {
    expect(
      await ltml(
        'data',
        'rows',
        'coco-json',
        join(fixtures, 'malformed/category-unknown'),
        '--set',
        'annotations=labels.json',
        '--set',
        'images=images',
      ),
    ).toBe(1);
    expect(complaints.join('')).toMatch(/^ltml: readCocoJson: labels\.json .*4711\n$/);
    expect(await ltml('data', 'rows', 'folder', fixtures, '--set', 'ordr=string')).toBe(1);
    expect(complaints.at(-1)).toMatch(/unknown option "ordr"/);
  });
});

it('data pixels writes what a decoder gives, and nothing of a broken picture', async () => {
  const out = join(folder, 'pixels.safetensors');
  const file = pictures('train/0003.webp');
  expect(await ltml('data', 'pixels', file, '--mode', 'as-pil', '--out', out)).toBe(0);
  const { shape, data } = readSafetensors(readFileSync(out)).tensors.get('pixels')!;
  const { info, data: expected } = await sharp(file).removeAlpha().raw().toBuffer({ resolveWithObject: true });
  expect(shape).toEqual([info.height, info.width, 3]);
  expect(Array.from(data as Uint8Array)).toEqual(Array.from(expected));
  writeFileSync(pictures('broken.jpg'), 'nothing');
  expect(await ltml('data', 'pixels', pictures('broken.jpg'), '--out', join(folder, 'no.safetensors'))).toBe(1);
  expect(() => readFileSync(join(folder, 'no.safetensors'))).toThrow();
  rmSync(pictures('broken.jpg'));
});

it('data stats counts, as a table, JSON and a page', async () => {
  const page = join(folder, 'stats.html');
  expect(await ltml('data', 'stats', recipe, '--page', page)).toBe(0);
  const [, groups] = /^pictures: (\d+ classes, .*tail)\n\nsplit +images/.exec(printed.join('')) ?? [];
  expect(readFileSync(page, 'utf8')).toContain(`<p>${groups}</p>`);
  expect(readFileSync(page, 'utf8')).toContain('<svg');
  expect(await ltml('data', 'stats', recipe, '--json')).toBe(0);
  const { splits, classes } = JSON.parse(printed.join(''));
  expect([splits.train.images, splits.test.images]).toEqual([60, 20]);
  const c = classes.indexOf('red three');
  const named = table('labels.csv').filter(([, labels, split]) => split === 'train' && labels.includes('red three'));
  expect(splits.train.positives[c]).toBe(named.length);
});

it('data split deals splits that stay when pictures are added, and folds', async () => {
  expect(
    await ltml('data', 'split', recipe, '--test', '0.25', '--validation', '0.25', '--out', pictures('split.csv')),
  ).toBe(0);
  const first = table('split.csv');
  expect(first.filter(([, split]) => split === 'test').length).toBeGreaterThan(15);
  const [lines, extra] = [readFileSync(pictures('labels.csv'), 'utf8'), 'new.png,red three,train\n'];
  writeFileSync(pictures('more.csv'), `${lines.replace('\n', `\n${extra}`)}`);
  await sharp({ create: { width: 50, height: 50, channels: 3, background: 'red' } })
    .png()
    .toFile(pictures('new.png'));
  const more = [
    'data',
    'split',
    recipe,
    '--set',
    'data.file=more.csv',
    '--test',
    '0.25',
    '--out',
    pictures('split.csv'),
  ];
  expect(await ltml(...more)).toBe(0);
  expect(printed.join('')).toMatch(/1 of them new/);
  const second = new Map(table('split.csv').map(([path, split]) => [path, split]));
  for (const [path, split] of first) expect(second.get(path)).toBe(split);
  expect(second.size).toBe(first.length + 1);
  expect(await ltml('data', 'split', recipe, '--folds', '4', '--out', pictures('fold.csv'))).toBe(0);
  const folds = [1, 2, 3, 4].map((fold) => table(`fold-${fold}.csv`).filter(([, split]) => split === 'validation'));
  expect(new Set(folds.flat().map(([path]) => path)).size).toBe(80);
  expect(await ltml('data', 'split', recipe, '--out', pictures('x.csv'))).toBe(2);
  expect(await ltml('data', 'split', recipe, '--test', '1.5', '--out', pictures('x.csv'))).toBe(2);
});

it('data mask forgets training labels by the published rule, in a table that is read back', async () => {
  expect(await ltml('data', 'mask', recipe, '--known', '0.3', '--seed', '2', '--out', pictures('known.csv'))).toBe(0);
  expect(await ltml('data', 'stats', recipe, '--set', 'data.file=known.csv', '--json')).toBe(0);
  const { train, test } = JSON.parse(printed.join('')).splits;
  const sum = (list: number[]) => list.reduce((total, count) => total + count, 0);
  const known = (sum(train.positives) + sum(train.negatives)) / (60 * train.positives.length);
  expect(Math.abs(known - 0.3)).toBeLessThan(0.06);
  expect(sum(test.positives) + sum(test.negatives)).toBe(20 * test.positives.length);
  expect(await ltml('data', 'mask', recipe, '--single-positive', '--out', pictures('one.csv'))).toBe(0);
  const [, ...rows] = table('one.csv').filter(([, split]) => split !== 'test');
  for (const [, , ...cells] of rows) expect(cells.filter((cell) => cell !== '')).toEqual(['1']);
  expect(await ltml('data', 'mask', recipe, '--out', pictures('x.csv'))).toBe(2);
});

it('data sheet shows pictures with their labels', async () => {
  const out = join(folder, 'sheet.html');
  expect(await ltml('data', 'sheet', recipe, '--count', '2', '--augment', '--out', out)).toBe(0);
  // Each in five epochs; and in three of them after each step: resize, padAndShift, jitter.
  expect(readFileSync(out, 'utf8').split('<img ')).toHaveLength(1 + 2 * (1 + 5) + 2 * 3 * (1 + 3));
  expect(await ltml('data', 'sheet', recipe, '--split', 'vall', '--out', out)).toBe(2);
});

it('data sheet shows mixed pictures with their labels', async () => {
  const out = join(folder, 'mixed.html');
  const mixed = ['features=null', 'loss={name: binary-cross-entropy}', 'mix={name: cutmix}'];
  const settings = mixed.flatMap((setting) => ['--set', setting]);
  expect(await ltml('data', 'sheet', recipe, '--count', '8', '--augment', ...settings, '--out', out)).toBe(0);
  const [, section] = readFileSync(out, 'utf8').split(/<h2>Mixed<.h2>|<h2>All steps<.h2>/);
  expect(section.split('<img ')).toHaveLength(1 + 8);
  expect(section).toMatch(/<b>[^<]* 0\.\d+/);
});

describe('data check', () => {
  it('of a folder without labels looks at its pictures; of a set that is embedded there are none', async () => {
    const out = join(folder, 'check');
    expect(await ltml('data', 'check', join(folder, 'pictures', 'test'), '--out', out, '--json')).toBe(0);
    expect(JSON.parse(printed.join(''))).toMatchObject({ name: 'test', pictures: 20, complete: true });
    writeFileSync(join(folder, 'digits.yaml'), 'data: { name: digits-lt }');
    expect(await ltml('data', 'check', join(folder, 'digits.yaml'), '--out', out)).toBe(2);
    expect(await ltml('data', 'check', pictures('labels.csv'), '--out', out)).toBe(2);
    expect(await ltml('data', 'check', 'nus-wide')).toBe(2);
  });
});
