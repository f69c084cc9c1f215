import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DataError } from '@ltml/tensor';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { directoryLines } from '../src/node/directory-lines.ts';

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'ltml-lines-'));
});
afterEach(() => rmSync(folder, { recursive: true }));

async function read(file: string): Promise<readonly string[][]> {
  const batches: string[][] = [];
  for await (const batch of directoryLines(folder)(file)) batches.push([...batch]);
  return batches;
}

test.each([
  ['', []],
  ['a', ['a']],
  ['a\n', ['a']],
  ['a\r\nb\n\nc', ['a', 'b', '', 'c']],
  ['\uFEFFa\n', ['a']],
])('reads %j', async (text, lines) => {
  writeFileSync(join(folder, 'list.txt'), text);
  expect((await read('list.txt')).flat()).toEqual(lines);
});

test('joins what the pieces of a large file cut, letters and line ends too', async () => {
  // Three bytes a letter, so that pieces of 2^20 bytes end inside one; lines of many lengths.
  const lines = Array.from({ length: 3000 }, (_, line) => '語'.repeat(line % 401));
  writeFileSync(join(folder, 'large.txt'), lines.join('\r\n'));
  const batches = await read('large.txt');
  expect(batches.flat()).toEqual(lines);
  expect(batches.length).toBeGreaterThan(1);
});

test('says which file a folder lacks', async () => {
  const error = await read('list.txt').catch((thrown: unknown) => thrown);
  expect(DataError.is(error)).toBe(true);
  expect((error as Error).message).toContain(
    `${join(folder, 'list.txt')} should be a file that can be read, got ENOENT`,
  );
});

test('refuses a file of zeros, which has no line ends, by file and line', async () => {
  writeFileSync(join(folder, 'zeros.txt'), Buffer.concat([Buffer.from('a\n'), Buffer.alloc(40_000_000)]));
  const start = performance.now();
  await expect(read('zeros.txt')).rejects.toThrow(/zeros.txt, line 2, should be at most 1048576 characters long/);
  expect(performance.now() - start).toBeLessThan(5000);
});
