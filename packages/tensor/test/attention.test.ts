import { attention, OptionError, ShapeError } from '@ltml/tensor';
import { expectClose } from '@ltml/tensor/testing';
import * as tf from '@tensorflow/tfjs-core';
import { expect, test } from 'vitest';
import { attentionOracle } from './oracle.ts';
import { expectMatchesOracle, expectNoLeak, gradientsOf, randomTensor } from './support.ts';

const cases = [
  { B: 2, M: 3, L: 4, D: 6, E: 4, heads: 2, causal: false },
  { B: 1, M: 1, L: 5, D: 4, E: 4, heads: 4, causal: false },
  { B: 2, M: 4, L: 4, D: 3, E: 3, heads: 1, causal: true },
  { B: 2, M: 3, L: 3, D: 6, E: 6, heads: 3, causal: true },
  { B: 3, M: 1, L: 1, D: 2, E: 2, heads: 1, causal: true },
];

test.each(cases)('attention over %j is the softmax-weighted mean of the values, with gradients', (sizes) => {
  const { B, M, L, D, E, heads, causal } = sizes;
  const inputs = [randomTensor([B, M, D], 1), randomTensor([B, L, D], 2), randomTensor([B, L, E], 3)];
  const run = (q: tf.Tensor, k: tf.Tensor, v: tf.Tensor) => attention(q, k, v, { heads, causal });
  expectMatchesOracle(run, (q, k, v) => attentionOracle(q, k, v, sizes), inputs, { absolute: 1e-4 });
  expectNoLeak(run, inputs);
});

test('equal keys give the mean of the values', () => {
  const v = tf.tensor3d([
    [
      [1, 0],
      [3, 6],
    ],
  ]); // prettier-ignore
  const y = attention(randomTensor([1, 2, 2], 1), tf.ones([1, 2, 2]), v, { heads: 1 });
  expectClose(y.dataSync(), [2, 3, 2, 3]);
});

test('what comes later has no effect on a causal result, nor a gradient', () => {
  const [q, k, v] = [1, 2, 3].map((seed) => randomTensor([1, 4, 4], seed));
  const changed = tf.concat([tf.slice(v, [0, 0, 0], [1, 2, 4]), tf.fill([1, 2, 4], 7)], 1);
  const firstTwo = (values: tf.Tensor) =>
    tf.slice(attention(q, k, values, { heads: 2, causal: true }), [0, 0, 0], [1, 2, 4]);
  expect(firstTwo(changed).dataSync()).toEqual(firstTwo(v).dataSync());
  const [dv] = gradientsOf(firstTwo, [v], tf.ones([1, 2, 4]));
  expect(Array.from(dv.dataSync().slice(8))).toEqual(new Array(8).fill(0));
});

test('scores of ±10,000 stay finite, and the largest takes all', () => {
  const q = tf.tensor3d([[[100]]]);
  const k = tf.tensor3d([[[-100], [100]]]);
  const v = tf.tensor3d([[[1], [2]]]);
  expect(Array.from(attention(q, k, v, { heads: 1 }).dataSync())).toEqual([2]);
  for (const gradient of gradientsOf((q, k, v) => attention(q, k, v, { heads: 1 }), [q, k, v], tf.ones([1, 1, 1]))) {
    expect(gradient.dataSync().every(Number.isFinite)).toBe(true);
  }
});

test('heads that do not divide the features, and unequal lengths under a causal mask, are refused', () => {
  const [a, b] = [tf.ones([1, 2, 6]), tf.ones([1, 3, 6])];
  expect(() => attention(a, a, a, { heads: 4 })).toThrow(expect.toSatisfy(OptionError.is));
  expect(() => attention(a, b, b, { heads: 2, causal: true })).toThrow(expect.toSatisfy(ShapeError.is));
  expect(() => attention(a, tf.ones([2, 2, 6]), a, { heads: 2 })).toThrow(expect.toSatisfy(ShapeError.is));
});
