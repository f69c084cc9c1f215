import type { LabelledInputs } from '@ltml/data';
import type { Learner } from '@ltml/tensor/contract';
import * as tf from '@tensorflow/tfjs-core';
import { expect, it } from 'vitest';
import { build } from '../src/node/index.ts';
import { scoreTest } from '../src/node/score-test.ts';
import { resolveText } from './resolve-text.ts';

const test: LabelledInputs = {
  name: 'toy',
  classes: ['seen', 'first', 'second'],
  labels: { rows: 2, columns: 3, present: Uint8Array.of(1, 0, 1, 0, 1, 0) },
  inputs: { length: 2, shape: [1], read: async (indices) => Float32Array.from(indices) },
};
const task = { classes: ['seen'], statistics: { trainCount: 1, classCounts: [1], cooccurrence: [[1]] } };
const method = { name: 'mkt', preset: 'repo', options: {} };

let read = 0;

/** Scores the length of a label plus the image, as far as a list goes. */
const reader = {
  training: false,
  train: () => reader,
  eval: () => reader,
  predict: (inputs: tf.Tensor) => tf.add(tf.mul(inputs, 0), 1),
  labelScorer(labels: readonly string[]) {
    read++;
    const lengths = tf.tensor2d([labels.map((label) => label.length / labels.length)]);
    return { predict: (inputs: tf.Tensor) => tf.add(inputs, lengths), dispose: () => lengths.dispose() };
  },
} as unknown as Learner;

it('scores all classes by their texts, and those that training does not show among themselves', async () => {
  const before = tf.memory().numTensors;
  const { scores, unseen } = await scoreTest(reader, { method, task }, test, { batchSize: 1 });
  // Each of the two lists once, however many batches there are.
  expect(read).toBe(2);
  expect(scores).toMatchObject({ rows: 2, columns: 3 });
  expect([...scores.scores].map((score) => Math.round(3 * score))).toEqual([4, 5, 6, 7, 8, 9]);
  expect(unseen).toMatchObject({ rows: 2, columns: 2, present: Uint8Array.of(0, 1, 1, 0) });
  // Another list gives other scores, not some of the same.
  expect([...(unseen?.scores ?? [])]).toEqual([2.5, 3, 3.5, 4]);
  expect(tf.memory().numTensors).toBe(before);
});

it('asks the learner for its own classes where training shows all', async () => {
  const own = { ...test, classes: ['seen'], labels: { rows: 2, columns: 1, present: Uint8Array.of(1, 0) } };
  const { scores, unseen } = await scoreTest(reader, { method, task }, own);
  expect([...scores.scores]).toEqual([1, 1]);
  expect(unseen).toBeUndefined();
});

it('a method that reads no texts is refused before anything is computed', async () => {
  const before = tf.memory().numTensors;
  const recipe = await resolveText('loss: { name: focal }\nfeatures: { views: 0 }\ndata: { unseenClasses: true }');
  await expect(build(recipe)).rejects.toThrow(/data\.unseenClasses: should be false: classifier cannot score/);
  expect(tf.memory().numTensors).toBe(before);
});
