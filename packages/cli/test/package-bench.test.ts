import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, it } from 'vitest';
import { benchPackage, compareFiles } from '../src/run/package-bench.ts';

const folder = mkdtempSync(join(tmpdir(), 'ltml-package-bench-'));
afterAll(() => rmSync(folder, { recursive: true }));

it.each([
  ['sarbb', {}, /unknown package "sarbb"; known: .*sarb/],
  ['sarb', { peer: '../before' }, /--peer: for a package only torch/],
  ['sarb', { parts: ['qualty'] }, /--parts: .*qualty/],
  ['sarb', { rows: ['bce'], parts: ['quality'] }, /--rows: sarb has no "bce"; known: ssgrl-10, /],
])('refuses what it can not measure: %s %o', async (name, options, message) => {
  await expect(benchPackage(name, 'quick', { set: [], out: folder, ...options })).rejects.toThrow(message);
});

it('compares two results of one package', async () => {
  const file = (name: string): string => {
    const path = join(folder, `${name}.json`);
    const result = { package: name, version: '0.1.0', engine: 'wasm', quality: [], speed: null, parity: null };
    writeFileSync(path, JSON.stringify(result));
    return path;
  };
  await expect(compareFiles(file('sarb'), undefined, {})).rejects.toThrow(/takes two files/);
  await expect(compareFiles(file('sarb'), join(folder, 'none.json'), {})).rejects.toThrow(/no result .*none\.json/);
  await expect(compareFiles(file('sarb'), file('mkt'), {})).rejects.toThrow(/is of sarb, .* of mkt/);
});
