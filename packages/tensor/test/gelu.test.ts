import { gelu, geluTanh, quickGelu } from '@ltml/tensor';
import { expectClose } from '@ltml/tensor/testing';
import * as tf from '@tensorflow/tfjs-core';
import { expect, test } from 'vitest';
import { normalDistributionOracle } from './oracle.ts';
import { expectMatchesOracle, expectNoLeak, gradientsOf, randomTensor } from './support.ts';

const geluOracle = (x: ArrayLike<number>) => Array.from(x, (value) => value * normalDistributionOracle(value));
const geluTanhOracle = (x: ArrayLike<number>) =>
  Array.from(x, (value) => (value / 2) * (1 + Math.tanh(Math.sqrt(2 / Math.PI) * (value + 0.044715 * value ** 3))));
const quickGeluOracle = (x: ArrayLike<number>) => Array.from(x, (value) => value / (1 + Math.exp(-1.702 * value)));

test('the oracle’s Φ is the tabulated one', () => {
  expectClose(
    [0, 1, -1, 3, -6].map(normalDistributionOracle),
    [0.5, 0.8413447460685429, 0.15865525393145705, 0.9986501019683699, 9.865876450376981e-10],
    { relative: 1e-13, absolute: 0 },
  );
});

test('all forms have the value and gradient of their formula', () => {
  expectMatchesOracle(gelu, geluOracle, [tf.mul(randomTensor([5, 7], 1), 2)]);
  expectMatchesOracle(geluTanh, geluTanhOracle, [tf.mul(randomTensor([5, 7], 1), 2)]);
  expectMatchesOracle(quickGelu, quickGeluOracle, [tf.mul(randomTensor([5, 7], 1), 2)]);
});

test('gelu of small x is exact to the last digits of float32', () => {
  const x = tf.tensor1d([1e-1, 1e-2, 1e-3, 1e-5, 1e-20, -1e-20, -1e-5, -1e-3, -1e-2, -1e-1, 0]);
  expectClose(gelu(x).dataSync(), geluOracle(x.dataSync()), { relative: 2e-7, absolute: 0 });
});

test('gelu of large x is x, and of large negative x its own small value', () => {
  const x = tf.linspace(-6, 6, 97);
  expectClose(gelu(x).dataSync(), geluOracle(x.dataSync()), { relative: 2e-6, absolute: 1e-12 });
});

test('all forms are finite at ±100, with gradients 0 and 1', () => {
  const x = tf.tensor1d([-100, -50, 50, 100]);
  for (const op of [gelu, geluTanh, quickGelu]) {
    expectClose(op(x).dataSync(), [0, 0, 50, 100], { absolute: 1e-20 });
    expectClose(gradientsOf(op, [x], tf.ones([4]))[0].dataSync(), [0, 0, 1, 1], { absolute: 1e-20 });
  }
});

test('all forms leave no tensor behind and keep an empty shape', () => {
  for (const op of [gelu, geluTanh, quickGelu]) {
    expectNoLeak(op, [randomTensor([3, 4], 1)]);
    expect(op(tf.zeros([0, 4])).shape).toEqual([0, 4]);
  }
});
