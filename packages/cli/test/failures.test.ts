import { copyFileSync, existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, expect, test, vi } from 'vitest';
import { main } from '../src/program.ts';

const photo = fileURLToPath(new URL('../../../examples/photos/scene-000.png', import.meta.url));
const before = process.cwd();
let folder: string;

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'ltml-'));
  mkdirSync(join(folder, 'folder'));
  mkdirSync(join(folder, 'cut', 'quick'), { recursive: true });
  for (const [name, text] of [
    ['file', ''],
    ['text.safetensors', 'no weights'],
    ['empty.png', ''],
    ['cut/quick/suite.json', '{"title": '],
  ]) {
    writeFileSync(join(folder, name), text);
  }
  for (const path of ['photos', 'lacking/cat', 'lacking/dog']) mkdirSync(join(folder, path), { recursive: true });
  for (let i = 0; i < 12; i++) copyFileSync(photo, join(folder, 'photos', `${i}.png`));
  copyFileSync(photo, join(folder, 'lacking', 'cat', '0.png'));
  writeFileSync(join(folder, 'photos', 'broken.png'), 'no picture');
  process.chdir(folder);
});
afterAll(() => {
  process.chdir(before);
  rmSync(folder, { recursive: true });
});

test.each([
  [2, ['weights', 'inspect', 'gone'], /gone: no such file or folder/],
  [2, ['weights', 'inspect', 'folder'], /folder: is a folder, not a file/],
  [1, ['weights', 'inspect', 'text.safetensors'], /got/],
  [1, ['weights', 'inspect', 'file'], /got/],
  [2, ['report', 'gone'], /no results of `ltml bench` in gone/],
  [2, ['report', 'folder'], /no results of `ltml bench` in folder/],
  [1, ['report', 'cut'], /cut\/quick\/suite\.json/],
  [2, ['bench', '--rows', 'bce', '--out', 'file'], /--out file: is a file, not a folder/],
  [2, ['data', 'check', 'nus-wide', 'gone'], /gone is no folder/],
  [2, ['data', 'scenes', 'file'], /file: is a file, not a folder/],
  [2, ['data', 'scenes', 'folder', '--count', '100000'], /--count: should be at most/],
  [2, ['predict', 'gone', '--labels', 'red two, red three'], /gone: no such file or folder/],
  [2, ['predict', 'folder', '--labels', 'red two, red three'], /folder: no pictures in it/],
  [2, ['predict', 'empty.png', '--labels', 'red two'], /only "red two"/],
  [2, ['predict', 'empty.png', '--labels', 'red two, red three', '--evidence', 'file'], /--evidence file: is a file/],
  [2, ['predict', 'empty.png', '--labels-file', 'folder'], /--labels-file: .*is a folder/],
  [1, ['predict', 'empty.png', '--labels', 'red two, red three'], /empty\.png/],
  [2, ['eval', 'gone'], /no run or model in gone/],
  [2, ['eval', 'folder', '--out', 'made'], /no run or model in folder/],
  [2, ['errors', 'folder', '--out', 'made'], /no run or model in folder/],
  [2, ['eval', 'file'], /no run or model in file/],
  [2, ['predict', 'gone', 'empty.png'], /no run or model in gone/],
  [2, ['train', 'gone\u001b[2J.yaml'], /gone\\u001b\[2J\.yaml/],
  [1, ['parity', 'gone'], /index\.json should be a file/],
] as const)(
  'exit code %i and one line: ltml %j',
  async (code, args, message) => {
    await expectRefusal(args, code, message);
    expect(existsSync(join(folder, 'made'))).toBe(false);
  },
  60_000,
);

/** Tables of 12 pictures of cats and dogs, each with one thing wrong. */
const good = Array.from({ length: 12 }, (_, i) => [`${i}.png`, i % 2 === 1 ? 'cat' : 'dog']);
const table = (rows: readonly (readonly string[])[], head = 'path,labels') =>
  `${[head, ...rows.map((row) => row.join(','))].join('\n')}\n`;
const recipe = (data: string) => `data: { ${data} }\nfeatures: { views: 0 }\nloss: { name: focal }\n`;

test.each([
  [
    'missing',
    table([...good, ['99.png', 'cat']]),
    '',
    /missing\.csv, line 14, .*got 99\.png, which is missing. Is it 9\.png\?/,
  ],
  [
    'column',
    table(good, 'file,labels'),
    '',
    /column\.csv, line 1, should be a table with a column "path", got file, labels/,
  ],
  [
    'typo',
    table([...good.slice(1), ['0.png', 'catt']]),
    ', classes: [cat, dog]',
    /typo\.csv, line 13, .*"catt" \(is it "cat"\?\)/,
  ],
  [
    'unknown',
    table(
      good.map(([path], i) => [path, String(i % 2), '?']),
      'path,cat,dog',
    ),
    '',
    /"dog" .*unknown\.csv, line 2 to unknown\.csv, line 13/,
  ],
  [
    'one',
    table(good.map(([path]) => [path, 'cat'])),
    '',
    /"cat", which every image has, from one\.csv, line 2 to one\.csv, line 13/,
  ],
  ['none', table([]), '', /a data set with training images, got no pictures/],
  ['cell', table([['0.png', '1', 'yes']], 'path,cat,dog'), '', /cell\.csv, line 2, .*in the column "dog", got "yes"/],
  ['twice', table([...good, ['0.png', 'cat']]), '', /twice\.csv, line 14, .*got 0\.png, as in twice\.csv, line 2/],
  ['short', table([['0.png', '1']], 'path,cat,dog'), '', /short\.csv, line 2, should be a row of 3 columns/],
  ['broken', table([...good, ['broken.png', 'cat']]), '', /photos\/broken\.png should be a picture that can be read/],
] as const)(
  'a table with a wrong line (%s) is refused by file and line, and nothing is written',
  async (name, text, more, message) => {
    writeFileSync(join(folder, 'photos', `${name}.csv`), text);
    writeFileSync(join(folder, 'own.yaml'), recipe(`name: table, root: photos, file: ${name}.csv${more}`));
    await expectRefusal(['train', 'own.yaml', '--out', 'runs/own'], 1, message);
    expect(existsSync(join(folder, 'runs', 'own'))).toBe(false);
  },
);

test.each([
  ['name: table, root: photos, file: gone.csv', /gone\.csv should be a file that can be read, got no such file/],
  ['name: folder, root: folder', /folder should be a folder with a folder for each class, got one without folders/],
  ['name: folder, root: lacking', /lacking\/dog should be a class with pictures, got none/],
  ['name: folder, root: own.yaml', /own\.yaml should be a folder, got a file/],
  ['name: folder, root: nowhere', /nowhere should be a folder, got nothing there/],
  ['name: coco-json, root: photos, annotations: good.csv', /good\.csv should be valid JSON/],
])('data that are not there are refused: %s', async (data, message) => {
  writeFileSync(join(folder, 'photos', 'good.csv'), table(good));
  writeFileSync(join(folder, 'own.yaml'), recipe(data));
  await expectRefusal(['train', 'own.yaml', '--out', 'runs/own'], 1, message);
  expect(existsSync(join(folder, 'runs', 'own'))).toBe(false);
});

/** Runs a command line in this process, in the folder. */
async function expectRefusal(args: readonly string[], code: 1 | 2, message: RegExp): Promise<void> {
  const [out, errors] = [process.stdout, process.stderr].map((stream) =>
    vi.spyOn(stream, 'write').mockImplementation(() => true),
  );
  const text = (spy: typeof out) => spy.mock.calls.map(([part]) => String(part)).join('');
  const found = await main(args);
  const [stdout, stderr] = [text(out), text(errors)];
  vi.restoreAllMocks();
  process.exitCode = undefined;
  const lines = stderr
    .trimEnd()
    .split('\n')
    .filter((line) => line.startsWith('ltml: '));
  expect(lines, stderr).toHaveLength(1);
  expect(lines[0]).toMatch(message);
  expect(lines[0]).not.toMatch(/--verbose shows where/);
  expect(stderr).not.toMatch(/^ {4}at /m);
  expect(stdout).toBe('');
  expect(found).toBe(code);
}
