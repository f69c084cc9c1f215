import { logSoftmax, softmax } from '@ltml/tensor';
import { expectClose } from '@ltml/tensor/testing';
import * as tf from '@tensorflow/tfjs-core';
import { expect, test } from 'vitest';
import { logSoftmaxOracle } from './oracle.ts';
import { expectMatchesOracle, expectNoLeak, gradientsOf, randomTensor } from './support.ts';

const shapes = [[4, 5], [2, 3, 6], [2, 1], [7]];

test.each(shapes.map((shape) => [shape]))('softmax and logSoftmax of %j, with gradients', (shape) => {
  const [x, C] = [randomTensor(shape, 1), shape[shape.length - 1]];
  expectMatchesOracle(logSoftmax, (x) => logSoftmaxOracle(x, C), [x]);
  expectMatchesOracle(softmax, (x) => logSoftmaxOracle(x, C).map(Math.exp), [x]);
  expectNoLeak(logSoftmax, [x]);
  expectNoLeak(softmax, [x]);
});

test('softmax and logSoftmax are finite at ±100 and unmoved by a constant', () => {
  const x = tf.tensor2d([[100, -100, 0]]);
  expectClose(softmax(x).dataSync(), [1, 0, 0], { absolute: 1e-30 });
  expectClose(logSoftmax(x).dataSync(), [0, -200, -100]);
  expectClose(logSoftmax(tf.add(x, 1000)).dataSync(), [0, -200, -100]);
  for (const op of [softmax, logSoftmax]) {
    const [dx] = gradientsOf(op, [x], tf.tensor2d([[1, 2, 3]]));
    expect(Array.from(dx.dataSync()).every(Number.isFinite)).toBe(true);
  }
});
