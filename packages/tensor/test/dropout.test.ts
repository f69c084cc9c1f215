import { Dropout, dropout, RandomStream } from '@ltml/tensor';
import { expectClose } from '@ltml/tensor/testing';
import * as tf from '@tensorflow/tfjs-core';
import { expect, test } from 'vitest';
import { expectNoLeak, gradientsOf, randomTensor } from './support.ts';

test('dropout zeroes about the rate of entries and keeps the mean', () => {
  const y = dropout(tf.ones([100, 100]), 0.3, new RandomStream(1)).dataSync();
  const zeros = y.filter((value) => value === 0).length;
  // Five standard deviations of a binomial of 10,000 at 0.3.
  expect(Math.abs(zeros - 3000)).toBeLessThan(5 * Math.sqrt(10_000 * 0.3 * 0.7));
  expectClose(y.filter((value) => value !== 0).slice(0, 3), [1 / 0.7, 1 / 0.7, 1 / 0.7]);
});

test('the gradient of dropout has the mask of its value', () => {
  const x = randomTensor([4, 5], 1);
  const op = (x: tf.Tensor) => dropout(x, 0.5, new RandomStream(7));
  const mask = Array.from(op(tf.onesLike(x)).dataSync());
  expectClose(gradientsOf(op, [x], tf.onesLike(x))[0].dataSync(), mask);
  expectNoLeak(op, [x]);
});

test('the seed fixes the mask', () => {
  const draw = (seed: number) => Array.from(dropout(tf.ones([40]), 0.5, new RandomStream(seed)).dataSync());
  expect(draw(3)).toEqual(draw(3));
  expect(draw(3)).not.toEqual(draw(4));
});

test('a rate of 0 keeps everything, a rate of 1 nothing', () => {
  const x = tf.tensor1d([1, -2, 3]);
  expectClose(dropout(x, 0, new RandomStream(1)).dataSync(), [1, -2, 3]);
  expectClose(dropout(x, 1, new RandomStream(1)).dataSync(), [0, 0, 0]);
  expect(() => dropout(x, 1.5, new RandomStream(1))).toThrow(/dropout: rate should be a finite number in/);
});

test('Dropout is the identity in evaluation', () => {
  const layer = new Dropout({ rate: 0.9, random: new RandomStream(1) }).eval();
  const x = tf.ones([8]);
  expect(layer.forward(x)).toBe(x);
  expect(layer.train().forward(x)).not.toBe(x);
});
