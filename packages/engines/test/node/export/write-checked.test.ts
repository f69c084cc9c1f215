import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { writeChecked } from '../../../src/node/export/write-checked.ts';

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'ltml-write-checked-'));
});
afterEach(() => rmSync(folder, { recursive: true }));

it('refuses to export a second time, and leaves the first file as it is', async () => {
  const target = join(folder, 'model.onnx');
  await writeChecked(
    target,
    (path) => writeFileSync(path, 'first'),
    async () => {},
  );
  let written = 0;
  const again = writeChecked(
    target,
    () => {
      written++;
    },
    async () => {},
  );
  await expect(again).rejects.toThrow(/target should be a new path, got .*model\.onnx, which exists/);
  expect(written).toBe(0);
  expect(readFileSync(target, 'utf8')).toBe('first');
  expect(readdirSync(folder)).toEqual(['model.onnx']);
});

it('leaves nothing of what does not stand the check', async () => {
  const refused = writeChecked(
    join(folder, 'model.onnx'),
    (path) => writeFileSync(path, 'wrong'),
    async () => {
      throw new Error('other scores');
    },
  );
  await expect(refused).rejects.toThrow('other scores');
  expect(readdirSync(folder)).toEqual([]);
});
