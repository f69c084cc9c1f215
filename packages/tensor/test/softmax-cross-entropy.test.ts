import { ShapeError, softmax, softmaxCrossEntropy } from '@ltml/tensor';
import { expectClose } from '@ltml/tensor/testing';
import * as tf from '@tensorflow/tfjs-core';
import { expect, test } from 'vitest';
import { logSoftmaxOracle } from './oracle.ts';
import { expectMatchesOracle, expectNoLeak, gradientsOf, randomTensor } from './support.ts';

const targetsOf = (B: number, C: number) => softmax(randomTensor([B, C], 2)) as tf.Tensor2D;

test.each([
  [4, 5],
  [1, 3],
  [3, 1],
  [2, 40],
])('value and gradient of [%i, %i], equal to the formula', (B, C) => {
  const targets = targetsOf(B, C);
  const t = targets.dataSync();
  const oracle = (x: Float64Array) => {
    const logProbabilities = logSoftmaxOracle(x, C);
    return Array.from({ length: B }, (_, b) => {
      let sum = 0;
      for (let c = 0; c < C; c++) sum -= t[b * C + c] * logProbabilities[b * C + c];
      return sum;
    });
  };
  expectMatchesOracle((x) => softmaxCrossEntropy(x as tf.Tensor2D, targets), oracle, [randomTensor([B, C], 1)]);
});

test('a row of one class is its negative log probability, by hand', () => {
  const logits = tf.tensor2d([[0, Math.log(3)]]);
  expectClose(softmaxCrossEntropy(logits, tf.tensor2d([[1, 0]])).dataSync(), [Math.log(4)]);
  const [dx] = gradientsOf(
    (x) => softmaxCrossEntropy(x as tf.Tensor2D, tf.tensor2d([[1, 0]])),
    [logits],
    tf.tensor1d([2]),
  );
  expectClose(dx.dataSync(), [2 * (0.25 - 1), 2 * 0.75]);
});

test('it is finite at ±100, leaks nothing and refuses other shapes', () => {
  const logits = tf.tensor2d([[100, -100, 0]]);
  expectClose(softmaxCrossEntropy(logits, tf.tensor2d([[0, 1, 0]])).dataSync(), [200]);
  const targets = targetsOf(2, 3);
  expectNoLeak((x) => softmaxCrossEntropy(x as tf.Tensor2D, targets), [randomTensor([2, 3], 1)]);
  let error: unknown;
  try {
    softmaxCrossEntropy(logits, targets);
  } catch (caught) {
    error = caught;
  }
  expect(ShapeError.is(error)).toBe(true);
});
