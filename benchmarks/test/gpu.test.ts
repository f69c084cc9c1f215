import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { joinFiles, splitFile } from '../gpu/parts.ts';

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'ltml-parts-'));
});
afterEach(() => rmSync(folder, { recursive: true }));

const bytes = Buffer.from(Array.from({ length: 2500 }, (_, i) => i % 251));

test('a file in parts is whole again once all have arrived, and the parts are gone', async () => {
  writeFileSync(join(folder, 'big.whl'), bytes);
  const parts = join(folder, 'parts');
  expect(await splitFile(join(folder, 'big.whl'), parts, 1000)).toMatchObject({ name: 'big.whl', parts: 3 });
  const last = readFileSync(join(parts, 'big.whl.part002'));
  rmSync(join(parts, 'big.whl.part002'));
  expect(await joinFiles(parts, join(folder, 'joined'))).toEqual([]);
  writeFileSync(join(parts, 'big.whl.part002'), last);
  expect(await joinFiles(parts, join(folder, 'joined'))).toEqual(['big.whl']);
  expect(readFileSync(join(folder, 'joined', 'big.whl')).equals(bytes)).toBe(true);
  expect(readdirSync(parts)).toEqual([]);
});

test('a part that was damaged on the way is refused', async () => {
  writeFileSync(join(folder, 'big.whl'), bytes);
  const parts = join(folder, 'parts');
  await splitFile(join(folder, 'big.whl'), parts, 1000);
  writeFileSync(join(parts, 'big.whl.part001'), Buffer.alloc(1000));
  await expect(joinFiles(parts, join(folder, 'joined'))).rejects.toThrow(/sha256.*Transfer its parts again/);
  expect(readdirSync(join(folder, 'joined'))).toEqual([]);
});
