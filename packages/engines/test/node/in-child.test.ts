import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { inChild } from '../../src/node/in-child.ts';
import type { Verdict } from '../../src/node/start.ts';
import { proveCandidate, recallVerdict } from '../../src/node/verdicts.ts';

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'ltml-verdicts-'));
  vi.stubEnv('LTML_CACHE', folder);
});
afterEach(() => {
  vi.unstubAllEnvs();
  rmSync(folder, { recursive: true });
});

test('a child returns the value of the function', async () => {
  expect(await inChild<Verdict>('tryCandidate', { name: 'wasm' })).toEqual({
    value: { works: true, detail: expect.stringMatching(/^WebAssembly with SIMD, (one thread|\d threads)$/) },
  });
});

test('a child that fails is described, not thrown', async () => {
  expect(await inChild('noSuchFunction', 1)).toEqual({
    failure: expect.stringMatching(/ended with code 1: TypeError/),
  });
});

test('a child that does not answer in time is ended', async () => {
  expect(await inChild('tryCandidate', { name: 'wasm' }, 0.05)).toEqual({ failure: expect.stringMatching(/in time/) });
});

test('a broken addon gives a verdict with its reason, and the verdict is kept', async () => {
  const addon = join(folder, 'tfjs_binding.node');
  writeFileSync(addon, 'not a library');
  const candidate = { name: 'tensorflow', addon } as const;
  expect(await recallVerdict(candidate)).toBeUndefined();
  const verdict = await proveCandidate(candidate);
  expect(verdict).toMatchObject({ works: false, reason: expect.stringContaining('tfjs_binding.node') });
  expect(await recallVerdict(candidate)).toEqual(verdict);
  writeFileSync(addon, 'another library, not yet tried');
  expect(await recallVerdict(candidate)).toBeUndefined();
});

test('a verdict is of one environment: another driver is another machine', async () => {
  await proveCandidate({ name: 'wasm' });
  expect(await recallVerdict({ name: 'wasm' })).toBeDefined();
  vi.stubEnv('VK_ICD_FILENAMES', '/another/driver.json');
  expect(await recallVerdict({ name: 'wasm' })).toBeUndefined();
});
