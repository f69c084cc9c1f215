import { topK } from '@ltml/tensor';
import * as tf from '@tensorflow/tfjs-core';
import { expect, test } from 'vitest';
import { expectMatchesOracle, expectNoLeak, gradientsOf, randomTensor } from './support.ts';

const values = (k: number) => (x: tf.Tensor) => {
  const { values, indices } = topK(x, k);
  indices.dispose();
  return values;
};

test.each([1, 3, 7])('topK gives the %i largest, and the gradient goes back to their places', (k) => {
  for (const shape of [[4, 7], [2, 3, 7], [7]]) {
    const x = randomTensor(shape, 1);
    expectMatchesOracle(
      values(k),
      (x) => {
        const rows = Array.from({ length: x.length / 7 }, (_, row) => Array.from(x.subarray(row * 7, row * 7 + 7)));
        return rows.flatMap((row) => row.sort((a, b) => b - a).slice(0, k));
      },
      [x],
    );
    expectNoLeak(values(k), [x]);
  }
});

test('topK gives the places, the lower one first among equals', () => {
  const x = tf.tensor2d([
    [1, 3, 3, 2],
    [5, 5, 5, 5],
  ]);
  const { values, indices } = topK(x, 3);
  expect(values.arraySync()).toEqual([
    [3, 3, 2],
    [5, 5, 5],
  ]);
  expect(indices.dtype).toBe('int32');
  expect(indices.arraySync()).toEqual([
    [1, 2, 3],
    [0, 1, 2],
  ]);
});

test('the gradient of topK at entries not taken is zero', () => {
  const [dx] = gradientsOf(values(2), [tf.tensor1d([1, 4, 2, 3])], tf.tensor1d([10, 20]));
  expect(Array.from(dx.dataSync())).toEqual([0, 10, 0, 20]);
});

test('topK refuses a k beyond the axis', () => {
  expect(() => topK(tf.ones([2, 3]), 4)).toThrow(/topK: k should be 1 … C = 3, got 4/);
  expect(() => topK(tf.ones([2, 3]), 0)).toThrow(/got 0/);
});
