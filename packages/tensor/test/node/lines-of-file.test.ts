import { mkdtempSync, rmSync, truncateSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { DataError } from '../../src/index.ts';
import { linesOfFile } from '../../src/node/index.ts';

const folder = mkdtempSync(join(tmpdir(), 'ltml-lines-'));
afterAll(() => rmSync(folder, { recursive: true }));

async function linesOf(content: string | Uint8Array): Promise<string[]> {
  const path = join(folder, 'lines.txt');
  writeFileSync(path, content);
  return readAll(path);
}

async function readAll(path: string): Promise<string[]> {
  const lines: string[] = [];
  for await (const batch of linesOfFile(path)) lines.push(...batch);
  return lines;
}

test('lines come without their ends, of either kind', async () => {
  expect(await linesOf('a\r\nb\n\nc')).toEqual(['a', 'b', '', 'c']);
  expect(await linesOf('a\n')).toEqual(['a']);
  expect(await linesOf('')).toEqual([]);
  expect(await linesOf('\uFEFFa\n')).toEqual(['a']);
});

test('characters and line ends across chunks stay whole', async () => {
  const lines = Array.from({ length: 40_000 }, (_, i) => '€'.repeat(1 + (i % 17)));
  expect(await linesOf(lines.join('\r\n'))).toEqual(lines);
});

test('what the decoder holds back at the end of a file is not lost', async () => {
  expect(await linesOf(Uint8Array.of(0x61, 0xe2, 0x82))).toEqual(['a\uFFFD']);
});

test('a line may have 1,048,576 characters, and not one more', async () => {
  const longest = 'x'.repeat(1 << 20);
  expect(await linesOf(`a\n${longest}\nb`)).toEqual(['a', longest, 'b']);
  const refused = await linesOf(`a\n${longest}x\nb`).catch((error: unknown) => error);
  expect(DataError.is(refused)).toBe(true);
  expect(String(refused)).toContain(`${join(folder, 'lines.txt')}, line 2, should be at most 1048576 characters long`);
});

test('a file of 700 MB without a line end is refused after its first megabyte', async () => {
  const path = join(folder, 'zeros.txt');
  writeFileSync(path, '');
  truncateSync(path, 700 << 20);
  const before = process.memoryUsage().rss;
  const start = performance.now();
  await expect(readAll(path)).rejects.toThrow('line 1, should be at most');
  expect(performance.now() - start).toBeLessThan(2000);
  expect(process.memoryUsage().rss - before).toBeLessThan(200 << 20);
});

test('a file that is not there, and a folder, are refused by name', async () => {
  await expect(readAll(join(folder, 'none.txt'))).rejects.toThrow(
    /none\.txt should be a file that can be read, got no such file/,
  );
  const refused = await readAll(folder).catch((error: unknown) => error);
  expect(DataError.is(refused)).toBe(true);
});
