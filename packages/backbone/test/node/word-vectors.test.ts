import { mkdtemp, open, rm, truncate, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { embedByWordVectorFile } from '@ltml/backbone/node';
import { DataError } from '@ltml/tensor';
import { afterAll, beforeAll, expect, test } from 'vitest';

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'word-vectors-'));
});
afterAll(() => rm(folder, { recursive: true }));

test('reads a file with any line ends', async () => {
  const path = join(folder, 'glove.txt');
  await writeFile(path, 'blue 1 2\r\nred 3 4\r\n');
  const { shape, data } = await embedByWordVectorFile(['red', 'blue'], path);
  expect([shape, Array.from(data, Number)]).toEqual([
    [2, 2],
    [3, 4, 1, 2],
  ]);
});

test('says which file is not there', async () => {
  await expect(embedByWordVectorFile(['red'], join(folder, 'none.txt'))).rejects.toThrow(/none\.txt/);
});

test.each([
  ['zeros', '', 3 * 2 ** 30],
  ['a word and zeros', 'red 1 2\nblue ', 2 ** 30],
])(
  'a file of gigabytes without a line end is refused by its path, in bounded memory: %s',
  async (name, start, size) => {
    const path = join(folder, `${name}.txt`);
    await writeFile(path, start);
    await truncate(path, size);
    const before = process.memoryUsage().rss;
    const refusal = expect(embedByWordVectorFile(['red', 'blue'], path)).rejects;
    await refusal.toThrow(expect.toSatisfy(DataError.is));
    await expect(embedByWordVectorFile(['red', 'blue'], path)).rejects.toThrow(path);
    expect(process.memoryUsage().rss - before).toBeLessThan(300 * 2 ** 20);
  },
);

test('a line of 120 MB is refused by its path and number', async () => {
  const path = join(folder, 'long.txt');
  const file = await open(path, 'w');
  await file.write('red 1 2\n');
  for (let i = 0; i < 120; i++) await file.write(Buffer.alloc(2 ** 20, '1 '));
  await file.close();
  await expect(embedByWordVectorFile(['blue'], path)).rejects.toThrow(/long\.txt, line 2/);
});
