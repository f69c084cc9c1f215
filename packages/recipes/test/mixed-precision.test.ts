import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { mixedType } from '@ltml/tensor';
import { compilerKey } from '@ltml/tensor/engine';
import * as tf from '@tensorflow/tfjs-core';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { registerCompiler } from '../../engines/src/node/compile/compiler.ts';
import type { NativeBackend } from '../../engines/src/node/compile/native-backend.ts';
import { build, resolve, run } from '../src/node/index.ts';
import { smallNetworks } from './small-networks.ts';
import { writeTinyPictures } from './tiny-pictures.ts';

let root: string;
beforeAll(async () => {
  root = mkdtempSync(join(tmpdir(), 'ltml-mixed-'));
  await writeTinyPictures(root, 32, [8, 1]);
});
afterAll(() => rmSync(root, { recursive: true }));

/** Losses of the steps, and what the run warned of. */
async function trained(name: string, precision: string) {
  const recipe = await resolve({
    data: { name: 'table', root, file: 'labels.csv', validation: null },
    encoder: { name, weights: 'none', imageSize: 32 },
    pictures: { size: 32, shift: 0, brightness: 0, contrast: 0 },
    ...{ features: null, loss: { name: 'binary-cross-entropy' }, batchSize: 4, precision },
    method: { options: { epochs: 3, optimizer: { name: 'sgd', learningRate: 0.1 } } },
  });
  const built = await build(recipe, { workers: 0 });
  const losses: number[] = [];
  const warnings: string[] = [];
  await run(built, {
    folder: join(root, 'runs', `${name}-${precision}-${mixedType()}`),
    observers: [{ onStep: ({ loss }: { readonly loss: number }) => void losses.push(loss) }],
    onWarning: (message) => void warnings.push(message),
  });
  built.dispose();
  return { losses, warnings };
}

it('without 16-bit floats mixed precision is float32, and says so', async () => {
  vi.stubEnv('LTML_BFLOAT16', '');
  const [exact, mixed] = [await trained('small-resnet50', 'float32'), await trained('small-resnet50', 'mixed')];
  expect(exact.warnings).toEqual([]);
  if (mixedType() !== undefined) return expect(mixed.warnings).toEqual([]);
  expect(mixed.losses).toEqual(exact.losses);
  expect(mixed.warnings).toEqual([expect.stringContaining('mixed computes in float32 here')]);
});

describe.runIf(tf.getBackend() === 'tensorflow')('steps in bfloat16', () => {
  const backend = tf.backend() as unknown as NativeBackend;
  const before = Reflect.get(backend, compilerKey) as object;
  beforeAll(() => {
    vi.stubEnv('LTML_BFLOAT16', '1');
    registerCompiler(backend);
  });
  afterAll(() => {
    vi.unstubAllEnvs();
    Reflect.set(backend, compilerKey, before);
  });

  it.each(smallNetworks)('%s has the losses of float32 within 2 %%', async (name) => {
    const [exact, mixed] = [await trained(name, 'float32'), await trained(name, 'mixed')];
    expect(mixed.warnings).toEqual([]);
    expect(mixed.losses).toHaveLength(exact.losses.length);
    const differences = mixed.losses.map((loss, i) => Math.abs(loss / exact.losses[i] - 1));
    expect(Math.max(...differences)).toBeLessThan(0.02);
    // Nothing rounds to 8 bits by chance.
    expect(Math.max(...differences)).toBeGreaterThan(1e-6);
  });
});
