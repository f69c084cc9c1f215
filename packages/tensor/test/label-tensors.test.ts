import { checkFiniteTensor, checkLabelTensor, checkWholeTensor, zerosBehind } from '@ltml/tensor';
import * as tf from '@tensorflow/tfjs-core';
import { expect, it } from 'vitest';

it.each([Number.NaN, -1, 0.5, 257])('names the place of a label that is %d', (bad) => {
  const labels = tf.tensor2d([0, 1, 1, bad], [2, 2]);
  expect(() => checkLabelTensor('loss', 'labels', labels)).toThrow(`${bad} at [1,1]`);
});

it('takes whole numbers of a range, in any type, and asks again for another range', () => {
  for (const type of ['float32', 'int32'] as const) {
    const classes = tf.tensor1d([0, 2, 1], type);
    checkWholeTensor('loss', 'labels', classes, 0, 2);
    checkWholeTensor('loss', 'labels', classes, -1, 3);
    const narrow = () => checkWholeTensor('loss', 'labels', classes, 0, 1);
    expect(narrow).toThrow('loss: labels should be whole numbers from 0 to 1, got 2 at [1]');
    expect(narrow).toThrow('2 at [1]');
  }
  for (const bad of [Number.NaN, 0.5, -1, Infinity]) {
    expect(() => checkWholeTensor('loss', 'labels', tf.tensor1d([0, bad]), 0, 2)).toThrow(`${bad} at [1]`);
  }
  expect(() => checkWholeTensor('loss', 'labels', tf.tensor1d([0]), 0, -1)).toThrow(/empty/);
  checkWholeTensor('loss', 'labels', tf.tensor1d([]), 0, -1);
});

it.each([Number.NaN, Infinity])('names the place of a number that is %d', (bad) => {
  expect(() =>
    checkFiniteTensor(
      'queue',
      'keys',
      tf.tensor2d([
        [0, 1],
        [bad, 0],
      ]),
    ),
  ).toThrow(`${bad} at [1,0]`);
  expect(() => checkFiniteTensor('op', 'share', tf.tensor1d([2]), [0, 1])).toThrow('from 0 to 1, got 2 at [0]');
});

it('gives zeros that hang on their inputs', () => {
  const [a, b] = [tf.ones([0, 2]), tf.ones([3])];
  const before = tf.memory().numTensors;
  const grads = tf.grads((x: tf.Tensor, y: tf.Tensor) => zerosBehind([2], x, y))([a, b]);
  expect(grads.map(({ shape }) => shape)).toEqual([[0, 2], [3]]);
  expect([...grads[1].dataSync()]).toEqual([0, 0, 0]);
  tf.dispose(grads);
  expect(tf.memory().numTensors).toBe(before);
});
