import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { OptionError, RandomStream } from '@ltml/tensor';
import * as tf from '@tensorflow/tfjs-core';
import sharp from 'sharp';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { type BuiltRecipe, build } from '../src/node/build.ts';
import type { Recipe } from '../src/recipe/recipe.ts';
import { resolveText } from './resolve-text.ts';

let root: string;
let recipe: Recipe;

beforeAll(async () => {
  root = mkdtempSync(join(tmpdir(), 'ltml-workers-'));
  const random = new RandomStream(2);
  for (let i = 0; i < 24; i++) {
    const [width, height] = [20 + random.integer(20), 20 + random.integer(20)];
    const folder = join(root, ['train', 'test'][i % 2], ['cat', 'dog'][i % 3 === 0 ? 0 : 1]);
    mkdirSync(folder, { recursive: true });
    const data = Uint8Array.from({ length: width * height * 3 }, () => random.integer(256));
    await sharp(data, { raw: { width, height, channels: 3 } }).toFile(join(folder, `${i}.png`));
  }
  recipe = await resolveText(`
data: { name: folder, root: ${root} }
pictures: { name: mkt, size: 32 }
loss: { name: binary-cross-entropy }
method: { name: classifier }
features: null
batchSize: 4
`);
});
afterAll(() => rmSync(root, { recursive: true }));

/** Inputs of the first epoch, of the validation split and of the test split. */
async function readAll({ loader, inputs }: BuiltRecipe): Promise<readonly Float32Array[]> {
  const epoch: Float32Array[] = [];
  for await (const { inputs: batch, labels, known } of loader.epoch()) {
    epoch.push((batch as tf.Tensor).dataSync() as Float32Array);
    tf.dispose([batch, labels, known]);
  }
  return [...epoch, await inputs.test.inputs.read([0, 1, 2])];
}

it('gives training and test images that do not depend on the number of workers', async () => {
  const read: (readonly Float32Array[])[] = [];
  for (const options of [{ workers: 0 }, { workers: 1 }, {}]) {
    const built = await build(recipe, options);
    try {
      read.push(await readAll(built));
    } finally {
      built.dispose();
    }
  }
  expect(read[0].length).toBeGreaterThan(2);
  expect(read[1]).toEqual(read[0]);
  expect(read[2]).toEqual(read[0]);
}, 120_000);

it('gives contrastive views that do not depend on the number of workers', async () => {
  const data = `data: { name: folder, root: ${root} }`;
  const views = await resolveText(
    `${data}\nmethod: { name: dscl, options: { dimension: 8, queue: { size: 64 } } }\npictures: { name: dscl, size: 32 }\nbatchSize: 4`,
  );
  const read: unknown[] = [];
  for (const workers of [0, 2]) {
    const built = await build(views, { workers });
    for await (const { inputs, labels, known } of built.loader.epoch()) {
      const parts = Object.entries(inputs as Record<string, tf.Tensor>);
      read.push(parts.map(([name, tensor]) => [name, tensor.shape, tensor.dataSync()]));
      tf.dispose([inputs, labels, known]);
      break;
    }
    built.dispose();
  }
  expect(read[0]).toHaveLength(4);
  expect(read[1]).toEqual(read[0]);
});

it('refuses workers that are no number, and leaves no tensor', async () => {
  const before = tf.memory().numTensors;
  await expect(build(recipe, { workers: -1 })).rejects.toThrow(OptionError);
  await expect(build(recipe, { threads: 1 } as object)).rejects.toThrow(/unknown option "threads"/);
  expect(tf.memory().numTensors).toBe(before);
});
