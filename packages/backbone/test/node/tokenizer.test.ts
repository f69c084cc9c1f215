import { mkdtemp, rm, truncate, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { DataError, type LtmlError, OptionError } from '@ltml/tensor';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { loadTokenizer } from '../../src/node/index.ts';

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'ltml-tokenizer-'));
});
afterAll(() => rm(folder, { recursive: true }));

const shipped = fileURLToPath(new URL('../../weights/tiny-clip-tokenizer.json', import.meta.url));

test('a tokenizer comes from a file, with its options', async () => {
  const tokenizer = await loadTokenizer(shipped, { contextLength: 9 });
  expect(tokenizer.tokenize(['a photo']).shape).toEqual([1, 9]);
  await expect(loadTokenizer(shipped, { overlong: 'never' as never })).rejects.toThrow(OptionError);
});

test.each([
  ['deeply nested', '['.repeat(2_000_000)],
  ['deeply nested objects', '{"model":'.repeat(100_000)],
  ['no JSON', 'version https://git-lfs.github.com/spec/v1'],
  ['a number', '5'],
  ['null', 'null'],
  ['another model', '{"model":{"type":"WordPiece"}}'],
  ['merges that are none', '{"model":{"type":"BPE","end_of_word_suffix":"</w>","vocab":{},"merges":5}}'],
  ['tokens that are none', '{"model":{"type":"BPE","end_of_word_suffix":"</w>","vocab":{"a":"b"},"merges":[1]}}'],
  ['added tokens that are none', '{"model":{"type":"BPE","end_of_word_suffix":"</w>"},"added_tokens":[null]}'],
  ['nothing', ''],
])('a file with %s is refused in one line that names its path', async (name, content) => {
  const path = join(folder, `${name}.json`);
  await writeFile(path, content);
  const error: LtmlError = await loadTokenizer(path).then(
    () => Promise.reject(new Error('read')),
    (e) => e,
  );
  expect(error).toBeInstanceOf(DataError);
  expect(error.message).toContain(path);
  expect(error.message).not.toContain('\n');
});

test('a missing file, a folder and a file of gigabytes are refused with the path', async () => {
  const large = join(folder, 'large.json');
  await writeFile(large, '{');
  await truncate(large, 2 ** 32);
  for (const path of [join(folder, 'none.json'), folder, large]) {
    const error: LtmlError = await loadTokenizer(path).then(
      () => Promise.reject(new Error('read')),
      (e) => e,
    );
    expect(error).toBeInstanceOf(DataError);
    expect(error.message).toContain(path);
  }
  expect(process.memoryUsage().arrayBuffers).toBeLessThan(500 * 2 ** 20);
});
