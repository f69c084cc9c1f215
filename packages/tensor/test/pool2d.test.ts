import { avgPool2d, globalAveragePool, maxPool2d } from '@ltml/tensor';
import { expectClose } from '@ltml/tensor/testing';
import * as tf from '@tensorflow/tfjs-core';
import { describe, expect, test } from 'vitest';
import { type PoolCase, poolOracle } from './oracle.ts';
import { expectMatchesOracle, expectNoLeak, gradientsOf, randomTensor } from './support.ts';

const cases: Record<string, PoolCase> = {
  'the pool of a ResNet, even size': { x: [2, 8, 10, 3], kernel: 3, stride: 2, padding: 1 },
  'the pool of a ResNet, odd size': { x: [2, 9, 7, 3], kernel: 3, stride: 2, padding: 1 },
  'windows side by side, a row left out': { x: [1, 7, 9, 2], kernel: 2 },
  'overlapping windows': { x: [2, 6, 6, 2], kernel: 3, stride: 1, padding: 1 },
  'rectangular windows': { x: [2, 7, 8, 2], kernel: [2, 4], stride: [1, 3], padding: [1, 2] },
  'a stride beyond the window': { x: [1, 9, 8, 2], kernel: 2, stride: 3 },
  'one window': { x: [2, 3, 4, 2], kernel: [3, 4] },
};

const sum = (cells: number[]) => cells.reduce((total, value) => total + value, 0);

describe.each(Object.entries(cases))('pooling: %s', (_, { x: shape, ...options }) => {
  const x = randomTensor(shape, 1);

  test('maxPool2d is the largest cell, padding never wins', () => {
    const negative = tf.sub(x, 10);
    for (const input of [x, negative]) {
      expectMatchesOracle(
        (x) => maxPool2d(x, options),
        (x) => poolOracle(x, { x: shape, ...options }, (cells) => Math.max(...cells)),
        [input],
      );
    }
  });

  test('avgPool2d counts padded cells, or does not', () => {
    expectMatchesOracle(
      (x) => avgPool2d(x, options),
      (x) => poolOracle(x, { x: shape, ...options }, (cells, size) => sum(cells) / size),
      [x],
    );
    expectMatchesOracle(
      (x) => avgPool2d(x, { ...options, countIncludePad: false }),
      (x) => poolOracle(x, { x: shape, ...options }, (cells) => sum(cells) / cells.length),
      [x],
    );
  });

  test('leaves no tensor behind', () => {
    expectNoLeak((x) => maxPool2d(x, options), [x]);
    expectNoLeak((x) => avgPool2d(x, options), [x]);
  });
});

test('maxPool2d gives a tie to the first maximum in row order', () => {
  // After a ReLU whole windows are zero.
  const x = tf.zeros([1, 5, 5, 1]);
  const [dx] = gradientsOf((x) => maxPool2d(x, { kernel: 3, stride: 2, padding: 1 }), [x], tf.ones([1, 3, 3, 1]));
  const expected = [...[1, 1, 0, 1, 0], ...[1, 1, 0, 1, 0], ...[0, 0, 0, 0, 0], ...[1, 1, 0, 1, 0], ...[0, 0, 0, 0, 0]];
  expect(Array.from(dx.dataSync())).toEqual(expected);
});

test('maxPool2d hands on every bit of the gradient, on values with many ties', () => {
  const x = tf.relu(tf.round(randomTensor([2, 16, 16, 8], 4)));
  const dy = randomTensor([2, 8, 8, 8], 5);
  const [dx] = gradientsOf((x) => maxPool2d(x, { kernel: 3, stride: 2, padding: 1 }), [x], dy);
  expectClose(tf.sum(dx).dataSync(), tf.sum(dy).dataSync(), { relative: 1e-4, absolute: 1e-3 });
});

test('globalAveragePool is the mean over rows and columns', () => {
  expectMatchesOracle(
    globalAveragePool,
    (x) => poolOracle(x, { x: [2, 3, 4, 5], kernel: [3, 4] }, (cells, size) => sum(cells) / size),
    [randomTensor([2, 3, 4, 5], 1)],
  );
});

test('pooling refuses windows that may miss the image', () => {
  const x = tf.zeros([1, 5, 5, 1]);
  expect(() => maxPool2d(x, { kernel: 3, padding: 2 })).toThrow(/maxPool2d: options\.padding should be at most half/);
  expect(() => avgPool2d(x, { kernel: 6 })).toThrow(/avgPool2d: x should be at least as large/);
  expect(() => maxPool2d(tf.zeros([5, 5]), { kernel: 2 })).toThrow(/maxPool2d: x should be \[B, H, W, C\]/);
});
