import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { embedByWordVectorFile } from '@ltml/backbone/node';
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
