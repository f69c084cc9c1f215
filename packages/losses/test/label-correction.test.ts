import * as tf from '@tensorflow/tfjs-core';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { LabelCorrection, type ReflectedCounts, reflectiveLabelCorrection, reflectLabels } from '../src/index.ts';

beforeEach(() => tf.engine().startScope());
afterEach(() => tf.engine().endScope());

const statistics = { trainCount: 20, classCounts: [10, 4, 2] };
const batch = (seed: number) => ({
  logits: tf.randomNormal<tf.Rank.R2>([6, 3], 1, 2, 'float32', seed),
  labels: tf.tensor2d(
    Array.from({ length: 18 }, (_, i) => Number((i * 7 + seed) % 4 === 0)),
    [6, 3],
  ),
  known: tf.tensor2d(
    Array.from({ length: 18 }, (_, i) => Number((i * 5 + seed) % 3 > 0)),
    [6, 3],
  ),
});

it('remembers from batch to batch what the functions hand on, and begins anew with each epoch', () => {
  const correction = new LabelCorrection(statistics, { threshold: 0.6, margin: 0.5, gammaNegative: 2 });
  const initial = tf.tensor1d(statistics.classCounts);
  let state: ReflectedCounts = { initial, counts: initial, epoch: 0 };
  const seen: number[][] = [];
  for (const [seed, epoch] of [0, 1, 1, 1, 2, 2].entries()) {
    const { logits, labels, known } = batch(seed);
    const reflected = reflectLabels(logits, labels, state, { epoch, known, threshold: 0.6, margin: 0.5 });
    const expected = tf.valueAndGrad((x) =>
      reflectiveLabelCorrection(x as tf.Tensor2D, labels, reflected, { known, margin: 0.5, gammaNegative: 2 }),
    )(logits);
    const found = tf.valueAndGrad((x) => correction.loss(x as tf.Tensor2D, labels, { epoch, known }))(logits);
    expect([...found.value.dataSync(), ...found.grad.dataSync()]).toEqual([
      ...expected.value.dataSync(),
      ...expected.grad.dataSync(),
    ]);
    state = reflected.state;
    expect([...correction.counts.variable.dataSync()]).toEqual([...state.counts.dataSync()]);
    seen.push([...state.counts.dataSync()]);
  }
  expect(seen[0]).toEqual(statistics.classCounts);
  expect(seen[3]).not.toEqual(seen[1]);
  correction.dispose();
});

it('leaks nothing, refuses classes without images unless they count as one, and other sizes', () => {
  const correction = new LabelCorrection(statistics, { computeEpoch: 0 });
  const { logits, labels } = batch(1);
  const before = tf.memory().numTensors;
  correction.loss(logits, labels, { epoch: 0 }).dispose();
  expect(tf.memory().numTensors).toBe(before);
  expect(() => correction.loss(tf.zeros([2, 2]), tf.zeros([2, 2]), { epoch: 0 })).toThrow(
    'LabelCorrection.loss: logits',
  );
  expect(() => correction.loss(logits, labels, { epoch: -1 })).toThrow('options.epoch');
  const empty = { trainCount: 5, classCounts: [2, 0] };
  expect(() => new LabelCorrection(empty)).toThrow(/LabelCorrection/);
  expect([...new LabelCorrection(empty, { clampCounts: true }).counts.variable.dataSync()]).toEqual([2, 1]);
  correction.dispose();
});
