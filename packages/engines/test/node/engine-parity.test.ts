import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { fileURLToPath } from 'node:url';
import { expectClose } from '@ltml/tensor/testing';
import * as tf from '@tensorflow/tfjs-core';
import { beforeAll, describe, expect, test } from 'vitest';
import { allCases, type CaseResults, computeCases } from '../compute-cases.ts';

// Debian's chromium brings SwiftShader, a Vulkan driver that needs no graphics card.
const driver = process.env.VK_ICD_FILENAMES ?? '/usr/lib/chromium/vk_swiftshader_icd.json';
const active = tf.getBackend();
const names = allCases.map((opCase) => opCase.name);

function computeOn(engine: string): CaseResults {
  const script = fileURLToPath(new URL('compute-cases-process.ts', import.meta.url));
  const env = { XDG_RUNTIME_DIR: tmpdir(), ...process.env, VK_ICD_FILENAMES: driver };
  const child = spawnSync(process.execPath, ['--import', 'tsx', script, engine], { env, encoding: 'utf8' });
  expect(child.status, child.stderr).toBe(0);
  return JSON.parse(child.stdout);
}

function expectSame(name: string, actual: CaseResults, expected: CaseResults): void {
  const [values, reference] = [actual[name], expected[name]];
  if (typeof values === 'string') throw new Error(values);
  if (typeof reference === 'string') throw new Error(`reference: ${reference}`);
  expect(values.length).toBe(reference.length);
  // Sums of up to 150 float32 products, in another order on each engine.
  for (const [i, part] of reference.entries()) expectClose(values[i], part, { relative: 1e-4, absolute: 1e-5 });
}

let reference: CaseResults;
beforeAll(() => {
  reference = computeOn('cpu');
}, 120_000);

describe(`${active} against cpu: value and gradients`, () => {
  let results: CaseResults;
  beforeAll(async () => {
    results = await computeCases();
  });
  test.each(names)('%s', (name) => expectSame(name, results, reference));
});

// Whatever engine the suite runs on, WebGPU's run is the same: once is enough.
if (active === 'wasm') {
  describe.skipIf(!existsSync(driver))(`webgpu through ${driver} against cpu: value and gradients`, () => {
    let results: CaseResults;
    beforeAll(() => {
      results = computeOn('webgpu');
    }, 120_000);
    test.each(names)('%s', (name) => expectSame(name, results, reference));
  });
}
