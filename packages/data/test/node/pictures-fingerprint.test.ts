import { mkdtempSync, rmSync, statSync, utimesSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { digitsLt, subsetOfPictures } from '@ltml/data';
import { namesOf, pictureFiles, picturesFingerprint } from '@ltml/data/node';
import { afterAll, beforeAll, expect, it } from 'vitest';

let folder: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'ltml-fingerprint-'));
  for (const name of ['a', 'b']) writeFileSync(join(folder, name), name);
});
afterAll(() => rmSync(folder, { recursive: true }));

const files = (names: readonly string[], mode: 'upright' | 'as-pil' = 'upright') =>
  picturesFingerprint(
    pictureFiles(namesOf(names.map((name) => ({ key: name, file: name, path: join(folder, name) }))), mode),
  );

it('tells files apart by key, order, mode, size and time, and opens none', async () => {
  const print = await files(['a', 'b']);
  expect(await files(['a', 'b'])).toBe(print);
  const others = [await files(['b', 'a']), await files(['a']), await files(['a', 'b'], 'as-pil')];
  const path = join(folder, 'a');
  const { atime, mtime } = statSync(path);
  utimesSync(path, atime, new Date(mtime.getTime() + 1000));
  others.push(await files(['a', 'b']));
  writeFileSync(path, 'longer');
  utimesSync(path, atime, mtime);
  others.push(await files(['a', 'b']));
  expect(new Set([print, ...others]).size).toBe(6);
  await expect(files(['c'])).rejects.toThrow(/ENOENT/);
});

it('tells pictures in memory apart by key and pixels', async () => {
  const { test } = await digitsLt();
  const some = (rows: readonly number[]) => subsetOfPictures(test.images, rows);
  const print = await picturesFingerprint(some([3, 4]));
  expect(await picturesFingerprint(some([3, 4]))).toBe(print);
  expect(await picturesFingerprint(some([4, 3]))).not.toBe(print);
  const changed = {
    ...some([3, 4]),
    async read(index: number) {
      const picture = await test.images.read([3, 4][index]);
      const pixels = picture.pixels.slice();
      pixels[7] ^= 1;
      return { ...picture, pixels };
    },
  };
  expect(await picturesFingerprint(changed)).not.toBe(print);
});
