import { spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterEach, beforeEach, expect, test } from 'vitest';

let cache: string;
beforeEach(() => {
  cache = mkdtempSync(join(tmpdir(), 'ltml-backend-'));
});
afterEach(() => rmSync(cache, { recursive: true }));

/** What `useBackend` returns or throws, and the backend that is active then, in a process with an empty cache. */
function useBackendIn(
  env: Record<string, string>,
  argument = '',
): { choice?: unknown; error?: string; active: string } {
  const code = `
    import { useBackend } from '@ltml/engines';
    import * as tf from '@tensorflow/tfjs-core';
    const outcome = await useBackend(${argument}).then((choice) => ({ choice }), (error) => ({ error: error.message }));
    process.stdout.write(JSON.stringify({ ...outcome, active: tf.getBackend() }), () => process.exit(0));`;
  const { LTML_BACKEND: _, ...rest } = process.env;
  const child = spawnSync(process.execPath, ['--import', 'tsx', '--input-type=module', '--eval', code], {
    env: { ...rest, LTML_CACHE: cache, VK_ICD_FILENAMES: '/no/driver.json', CUDA_VISIBLE_DEVICES: '', ...env },
    cwd: fileURLToPath(new URL('../..', import.meta.url)),
    encoding: 'utf8',
  });
  expect(child.status, child.stderr).toBe(0);
  return JSON.parse(child.stdout);
}

test('auto, with no native engine and no graphics card, takes WebAssembly and tells why not the others', () => {
  const { choice, active } = useBackendIn({});
  expect(active).toBe('wasm');
  expect(choice).toMatchObject({
    name: 'wasm',
    rejected: [
      { name: 'tensorflow-gpu', remedy: 'Run: ltml native install --gpu' },
      { name: 'tensorflow', remedy: 'Run: ltml native install' },
      { name: 'webgpu' },
    ],
  });
});

test('auto tells of a broken record of an engine why it takes another', () => {
  const record = join(cache, 'native', '2.21.0-napi8-cpu.json');
  mkdirSync(join(cache, 'native'));
  writeFileSync(record, '{"name": "2.21');
  const { choice } = useBackendIn({});
  const rejected = { name: 'tensorflow', reason: expect.stringContaining(record), remedy: 'Run: ltml native install' };
  expect(choice).toMatchObject({ name: 'wasm', rejected: expect.arrayContaining([rejected]) });
});

test('the environment decides where the code says auto, the code where it names an engine', () => {
  expect(useBackendIn({ LTML_BACKEND: 'cpu' }, "'auto'").active).toBe('cpu');
  expect(useBackendIn({ LTML_BACKEND: 'cpu' }, "'wasm'").active).toBe('wasm');
});

test('an engine that is not installed is refused with the command that installs it', () => {
  const { error } = useBackendIn({}, "'tensorflow'");
  expect(error).toMatch(/"tensorflow" .*no libtensorflow.*Run: ltml native install/);
});
