import { attention, OptionError, ShapeError, selfAttention } from '@ltml/tensor';
import { expectClose } from '@ltml/tensor/testing';
import * as tf from '@tensorflow/tfjs-core';
import { expect, test } from 'vitest';
import { attentionOracle } from './oracle.ts';
import { expectMatchesOracle, expectNoLeak, gradientsOf, randomTensor } from './support.ts';

const small = [
  { B: 2, L: 5, d: 2, heads: 3, causal: false },
  { B: 2, L: 4, d: 3, heads: 1, causal: true },
  { B: 1, L: 1, d: 1, heads: 1, causal: false },
];

/** One of queries, keys and values. */
function part(joined: ArrayLike<number>, D: number, place: number): number[] {
  return Array.from(joined).filter((_, i) => Math.floor((i % (3 * D)) / D) === place);
}

test.each(small)(
  'selfAttention over %j is the attention of its parts, with gradients',
  ({ B, L, d, heads, causal }) => {
    const D = heads * d;
    const sizes = { B, M: L, L, D, E: D, heads, causal };
    const inputs = [randomTensor([B, L, 3 * D], 1)];
    const run = (joined: tf.Tensor) => selfAttention(joined, { heads, causal });
    const oracle = (joined: ArrayLike<number>) =>
      attentionOracle(part(joined, D, 0), part(joined, D, 1), part(joined, D, 2), sizes);
    expectMatchesOracle(run, oracle, inputs, { absolute: 1e-4 });
    expectNoLeak(run, inputs);
  },
);

// On both sides of what the native kernel works on together: 8 rows, 16 and 32 columns, 64 queries.
const large = [
  { B: 1, L: 16, d: 16, heads: 2, causal: false },
  { B: 2, L: 70, d: 17, heads: 2, causal: true },
  { B: 1, L: 130, d: 33, heads: 1, causal: true },
  { B: 2, L: 197, d: 64, heads: 2, causal: false },
  { B: 1, L: 65, d: 5, heads: 3, causal: false },
];

test.each(large)('selfAttention over %j gives what attention gives', ({ B, L, d, heads, causal }) => {
  const inputs = [randomTensor([B, L, 3 * heads * d], 2)];
  const split = (joined: tf.Tensor) => {
    const [q, k, v] = tf.split(joined, 3, -1);
    return attention(q, k, v, { heads, causal });
  };
  const joint = (joined: tf.Tensor) => selfAttention(joined, { heads, causal });
  const dy = randomTensor([B, L, heads * d], 3);
  expectClose(joint(inputs[0]).dataSync(), split(inputs[0]).dataSync(), { absolute: 1e-5 });
  expectClose(gradientsOf(joint, inputs, dy)[0].dataSync(), gradientsOf(split, inputs, dy)[0].dataSync(), {
    absolute: 1e-4,
  });
});

test('selfAttention of ±100 stays finite, with its gradient', () => {
  const joined = tf.mul(tf.sign(randomTensor([1, 6, 12], 1)), 100);
  const run = (joined: tf.Tensor) => selfAttention(joined, { heads: 2 });
  expect(
    run(joined)
      .dataSync()
      .every((value) => Math.abs(value) <= 100 + 1e-3),
  ).toBe(true);
  expect(
    gradientsOf(run, [joined], tf.ones([1, 6, 4]))[0]
      .dataSync()
      .every(Number.isFinite),
  ).toBe(true);
});

test('what is not a number stays in its own text', () => {
  const joined = tf.concat([randomTensor([1, 3, 6], 1), tf.fill([1, 3, 6], Number.NaN)]);
  const y = Array.from(selfAttention(joined, { heads: 1 }).dataSync(), Number.isNaN);
  expect(y).toEqual([...Array(6).fill(false), ...Array(6).fill(true)]);
});

test('selfAttention refuses what is no threefold, and heads that do not divide the features', () => {
  expect(() => selfAttention(tf.ones([1, 2, 7]), { heads: 1 })).toThrow(expect.toSatisfy(ShapeError.is));
  expect(() => selfAttention(tf.ones([2, 6]), { heads: 1 })).toThrow(expect.toSatisfy(ShapeError.is));
  expect(() => selfAttention(tf.ones([1, 2, 9]), { heads: 2 })).toThrow(expect.toSatisfy(OptionError.is));
});
