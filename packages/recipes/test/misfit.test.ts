import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import * as tf from '@tensorflow/tfjs-core';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { build } from '../src/node/index.ts';
import { parseRecipe } from '../src/recipe/parse.ts';
import { resolve } from '../src/recipe/resolve.ts';
import { UsageError } from '../src/usage-error.ts';
import { writeTinyPictures } from './tiny-pictures.ts';

let root: string;
beforeAll(async () => {
  root = mkdtempSync(join(tmpdir(), 'ltml-misfit-'));
  await writeTinyPictures(root, 32, [6, 1]);
});
afterAll(() => rmSync(root, { recursive: true }));

async function built(text: string) {
  const { value, locate } = parseRecipe(`data: { name: table, root: ${root}, file: labels.csv }\n${text}`, 'run.yaml');
  return build(await resolve(value, locate), { locate, workers: 0 });
}

it.each([
  [
    'encoder: { name: resnet-tiny }\nmethod: { name: tagclip }',
    /^run\.yaml:2: encoder: the method takes patches, which this encoder does not give$/,
  ],
  [
    'encoder: { name: tiny-clip }\nmethod: { name: tagclip }',
    /^run\.yaml:2: encoder: should be a vision transformer of CLIP.*, got another network$/,
  ],
  [
    'encoder: { name: resnet-tiny }\nmethod: { name: mkt, options: { localHead: encoder } }',
    /^run\.yaml:2: encoder: should be 64, the width of the label embeddings, got 96\. localHead: mlp or shared/,
  ],
  [
    'features: null\nmethod:\n  name: sarb\n  options: { freeze: { parameters: blocks } }',
    /^run\.yaml:5: method\.options: freeze\.parameters should be a pattern that matches names of the network/,
  ],
  [
    'encoder: { name: tiny-clip, imageSize: [63, 64] }\nloss: { name: focal }',
    /^run\.yaml:2: encoder\.imageSize: should be multiples of 8, got 63 × 64$/,
  ],
  [
    'loss: { name: ranking }\nevaluation:\n  selection: published\n  select:\n    metric: CF1',
    /^run\.yaml:6: evaluation\.select\.metric: unknown metric "CF1" for this data set and relative scores; known: mAP, /,
  ],
  ['mix: { name: mixupp }\nloss: { name: focal }', /^run\.yaml:2: mix(\.name)?: .*mixup/],
  [
    'encoder:\n  name: resnet18\n  weights: gone.safetensors\nloss: { name: focal }',
    /^run\.yaml:4: encoder\.weights: .*gone\.safetensors should be a file that can be read, got no such file$/,
  ],
  [
    'method:\n  name: cprfl\n  classEmbeddings: { name: safetensors, path: gone.safetensors }',
    /^run\.yaml:4: method\.classEmbeddings: .*gone\.safetensors should be a file that can be read, got no such file$/,
  ],
])('%s is refused with file and line', async (text, message) => {
  const before = tf.memory().numTensors;
  const error = await built(text).catch((thrown: unknown) => thrown);
  expect(error).toBeInstanceOf(UsageError);
  expect((error as Error).message).toMatch(message);
  expect((error as Error).message).not.toMatch(/ENOENT/);
  expect(tf.memory().numTensors - before).toBeLessThan(4);
});

it('pictures of a recipe may be no squares', async () => {
  const { inputs, dispose } = await built('pictures: { size: [48, 32] }\nfeatures: null\nloss: { name: focal }');
  expect(inputs.train.inputs.shape).toEqual([48, 32, 3]);
  dispose();
});
