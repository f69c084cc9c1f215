import { l2Normalize } from '@ltml/tensor';
import { expectClose } from '@ltml/tensor/testing';
import * as tf from '@tensorflow/tfjs-core';
import { expect, test } from 'vitest';
import { l2NormalizeOracle } from './oracle.ts';
import { expectMatchesOracle, expectNoLeak, gradientsOf, randomTensor } from './support.ts';

test('l2Normalize gives rows of length one, with gradient', () => {
  for (const shape of [[4, 5], [2, 3, 4], [6]]) {
    const x = randomTensor(shape, 1);
    expectMatchesOracle(
      (x) => l2Normalize(x),
      (x) => l2NormalizeOracle(x, shape[shape.length - 1], 1e-12),
      [x],
    );
    expectNoLeak((x) => l2Normalize(x), [x]);
  }
});

test('l2Normalize works along any axis', () => {
  const x = randomTensor([3, 4], 1);
  expectClose(l2Normalize(x, { axis: 0 }).dataSync(), tf.transpose(l2Normalize(tf.transpose(x))).dataSync());
});

test('below ε vectors are divided by ε, as PyTorch clamps', () => {
  const x = tf.tensor2d([
    [0, 0],
    [0.3, 0.4],
    [3, 4],
  ]);
  const op = (x: tf.Tensor) => l2Normalize(x, { epsilon: 2 });
  expectMatchesOracle(op, (x) => l2NormalizeOracle(x, 2, 2), [x]);
  expectClose(op(x).dataSync(), [0, 0, 0.15, 0.2, 0.6, 0.8]);
});

test('a zero vector stays zero, with a finite gradient', () => {
  const x = tf.zeros([1, 3]);
  expectClose(l2Normalize(x).dataSync(), [0, 0, 0]);
  const [dx] = gradientsOf((x) => l2Normalize(x), [x], tf.tensor2d([[1, -1, 0]]));
  expectClose(dx.dataSync(), [1e12, -1e12, 0]);
  expect(Array.from(dx.dataSync()).every(Number.isFinite)).toBe(true);
});
