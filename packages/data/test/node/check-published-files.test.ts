import { createHash } from 'node:crypto';
import { DataError } from '@ltml/tensor';
import { expect, it } from 'vitest';
import { type PublishedSet, publishedSets } from '../../src/index.ts';
import { checkPublishedFiles } from '../../src/node/index.ts';
import { checkFiles } from '../../src/node/sets/check-published-files.ts';
import { folderWith } from './own-files.ts';

const sets = Object.entries(publishedSets as Readonly<Record<string, PublishedSet>>);

it.each(sets)('%s: checksums are whole, of files of their own, and have a source', (_, { files = [] }) => {
  expect(new Set(files.map(({ name }) => name)).size).toBe(files.length);
  for (const { name, size, algorithm, digest, source } of files) {
    expect(digest, name).toMatch(algorithm === 'md5' ? /^[0-9a-f]{32}$/ : /^[0-9a-f]{64}$/);
    expect(source, name).toMatch(/^https:/);
    if (size !== undefined) expect(size).toBeGreaterThan(0);
  }
});

it('finds files in the folder or one level below, and says which are as published (trap 29)', async () => {
  const root = folderWith({ 'a.zip': 'whole', 'Anno/list.txt': 'whole', 'cut.zip': 'cut', 'other.zip': 'other' });
  const [sha256, md5] = (['sha256', 'md5'] as const).map((algorithm) => ({
    algorithm,
    digest: createHash(algorithm).update('whole').digest('hex'),
    source: 'https://example.org',
  }));
  const told: string[] = [];
  const facts = await checkFiles(
    [
      { name: 'a.zip', size: 5, ...sha256 },
      { name: 'list.txt', ...md5 },
      { name: 'cut.zip', size: 5, ...sha256 },
      { name: 'other.zip', ...md5 },
      { name: 'gone.zip', ...md5 },
    ],
    { root, onProgress: (done, all, file) => told.push(`${done} of ${all}: ${file}`) },
  );
  expect(facts).toEqual([
    { what: 'a.zip', found: 'SHA-256 as published', expected: 'SHA-256 as published', holds: true },
    { what: 'list.txt', found: 'MD5 as published', expected: 'MD5 as published', holds: true },
    // Its size tells, so that it is not read.
    { what: 'cut.zip', found: '3 bytes', expected: '5 bytes', holds: false },
    { what: 'other.zip', found: 'another MD5', expected: 'MD5 as published', holds: false },
  ]);
  expect(told).toEqual(['5 of 15: a.zip', '10 of 15: list.txt', '15 of 15: other.zip']);
});

it('passes over what is not there, and refuses what is no folder', async () => {
  expect(await checkPublishedFiles('celeba', { root: folderWith({ 'other.txt': 'x' }) })).toEqual([]);
  await expect(checkPublishedFiles('celeba', { root: '/no/such/folder' })).rejects.toThrow(DataError);
  await expect(checkPublishedFiles('celebb' as 'celeba', { root: '.' })).rejects.toThrow(/name should be one of/);
});
