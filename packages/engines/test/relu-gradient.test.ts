import { expectClose } from '@ltml/tensor/testing';
import * as tf from '@tensorflow/tfjs-core';
import { expect, test } from 'vitest';
import { expectNoLeak, randomTensor } from '../../tensor/test/support.ts';

test('the gradient of tf.relu is that of its result where x > 0, and 0 elsewhere, at 0 too', () => {
  const gradient = tf.grad((x: tf.Tensor) => tf.sum(tf.mul(tf.relu(x), tf.tensor1d([1, 2, 3, 4, 5]))));
  expectClose(gradient(tf.tensor1d([-1, -0, 0, 1e-30, 2])).dataSync(), [0, 0, 0, 4, 5], { relative: 0, absolute: 0 });
});

test('it passes what comes where x is no number, as PyTorch does', () => {
  const gradient = tf.grad((x: tf.Tensor) => tf.sum(tf.mul(tf.relu(x), tf.tensor1d([2, 3, 4, 5]))));
  const x = tf.tensor1d([Number.NaN, -1, Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY]);
  expect(Array.from(gradient(x).dataSync())).toEqual([2, 0, 4, 0]);
});

test('it keeps the shape, of an empty tensor too, and leaks nothing', () => {
  const gradient = tf.grad((x: tf.Tensor) => tf.sum(tf.square(tf.relu(x))));
  for (const shape of [[], [2, 3, 4, 5]]) expect(gradient(randomTensor(shape, 1)).shape).toEqual(shape);
  expect(gradient(tf.zeros([0, 3])).shape).toEqual([0, 3]);
  expectNoLeak((x: tf.Tensor) => tf.relu(x), [randomTensor([3, 4], 1)]);
});
