import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { resolvePipeline } from '@ltml/images';
import { expectClose } from '@ltml/tensor/testing';
import * as tf from '@tensorflow/tfjs-core';
import { afterAll, expect, it } from 'vitest';
import { build } from '../src/node/build.ts';
import { describeModel, loadModel, scoresAndFeatures, splitImages, writeModel } from '../src/node/index.ts';
import { resolveText } from './resolve-text.ts';

const folder = mkdtempSync(join(tmpdir(), 'ltml-features-'));
afterAll(() => rmSync(folder, { recursive: true }));

it('takes the features of an encoder that was trained, beside the scores', async () => {
  const built = await build(await resolveText('loss: { name: focal }\nfeatures: null'));
  await writeModel(folder, built, await describeModel(built), { kind: 'last', step: 0 });
  built.dispose();
  const model = await loadModel(folder);
  const { labels, ...set } = await splitImages(model.data, model.recipe.seed, 'validation');
  const count = 3;
  const images = {
    ...set,
    labels: { ...labels, rows: count },
    images: {
      ...set.images,
      length: count,
      key: (i: number) => set.images.key(i),
      read: (i: number) => set.images.read(i),
    },
  };
  const before = tf.memory().numTensors;
  const { scores, features, columns } = await scoresAndFeatures(model, images);
  expect(tf.memory().numTensors).toBe(before);
  expect(columns).toBe(96);
  const change = resolvePipeline(model.pipeline);
  for (let i = 0; i < count; i++) {
    const { pixels } = change(await set.images.read(i));
    const [ofScores, ofFeatures] = tf.tidy(() => {
      const x = tf.tensor(pixels, [1, ...model.imageSize, 3]);
      return [model.learner.predict(x), model.encoder.forward(x).features].map((tensor) => [...tensor.dataSync()]);
    });
    const rowOf = (values: Float32Array, length: number) => values.subarray(i * length, (i + 1) * length);
    expectClose(rowOf(scores.scores, scores.columns), ofScores, { absolute: 1e-5 });
    expectClose(rowOf(features, columns), ofFeatures, { absolute: 1e-5 });
  }
  model.dispose();
});
