import { conv2d } from '@ltml/tensor';
import { expectClose } from '@ltml/tensor/testing';
import * as tf from '@tensorflow/tfjs-core';
import { describe, expect, test } from 'vitest';
import { type ConvolutionCase, convolveOracle } from './oracle.ts';
import { expectNoLeak, gradientsOf, randomTensor } from './support.ts';

const cases: Record<string, ConvolutionCase> = {
  'a point': { x: [1, 1, 1, 1], filter: [1, 1, 1, 1] },
  'odd sizes and a rectangular kernel': { x: [2, 7, 5, 3], filter: [3, 2, 3, 4], padding: [1, 0] },
  'stride 2 with a row left over': { x: [2, 8, 7, 3], filter: [3, 3, 3, 5], stride: 2, padding: 1 },
  'the stem of a ResNet': { x: [1, 9, 12, 3], filter: [7, 7, 3, 4], stride: 2, padding: 3 },
  'stride 3, larger than the kernel': { x: [2, 9, 10, 2], filter: [2, 1, 2, 3], stride: 3 },
  'a 1×1 kernel with stride 2': { x: [2, 7, 8, 3], filter: [1, 1, 3, 4], stride: 2 },
  'padding beyond the kernel': { x: [1, 3, 4, 2], filter: [1, 2, 2, 3], padding: [2, 3] },
  'two strides': { x: [2, 9, 8, 2], filter: [3, 3, 2, 3], stride: [1, 2], padding: [0, 1] },
  'a kernel as large as the image': { x: [3, 4, 5, 2], filter: [4, 5, 2, 3] },
  'dilation 2': { x: [2, 9, 8, 2], filter: [3, 3, 2, 3], dilation: 2, padding: 2 },
  'dilation 2 with stride 2': { x: [2, 11, 10, 2], filter: [3, 3, 2, 3], dilation: 2, stride: 2, padding: 1 },
  'dilation 3 with stride 2': { x: [1, 12, 11, 2], filter: [3, 2, 2, 2], dilation: 3, stride: 2, padding: 3 },
  'dilation 2 with stride 4': { x: [1, 14, 13, 2], filter: [3, 3, 2, 2], dilation: 2, stride: 4, padding: 2 },
  'dilation by rows and stride by columns': {
    x: [2, 9, 10, 2],
    filter: [3, 3, 2, 3],
    dilation: [2, 1],
    stride: [1, 2],
    padding: [2, 1],
  },
  'two groups': { x: [2, 6, 5, 4], filter: [3, 3, 2, 6], groups: 2, padding: 1 },
  'groups of one channel with two outputs each': {
    x: [2, 7, 6, 4],
    filter: [3, 3, 1, 8],
    groups: 4,
    stride: 2,
    padding: 1,
  },
  depthwise: { x: [2, 6, 7, 5], filter: [3, 3, 1, 5], groups: 5, padding: 1 },
  'groups too wide to share a dense filter': { x: [1, 4, 3, 40], filter: [1, 3, 20, 6], groups: 2, padding: [0, 1] },
  'groups that share dense filters two by two': { x: [1, 4, 3, 48], filter: [2, 1, 12, 8], groups: 4 },
  'groups with dilation and stride': {
    x: [1, 10, 9, 4],
    filter: [3, 3, 2, 4],
    groups: 2,
    dilation: 2,
    stride: 2,
    padding: 2,
  },
};

describe.each(Object.entries(cases))('conv2d of %s', (_, { x, filter, ...options }) => {
  const { x: input, filter: kernel } = { x: randomTensor(x, 1), filter: randomTensor(filter, 2) };

  test('is the sum over the taps, and its gradients are the adjoint sums', async () => {
    const [xs, fs] = [input.dataSync(), kernel.dataSync()];
    const expected = convolveOracle(xs, fs, { x, filter, ...options });
    const y = conv2d(input, kernel, options);
    expect(y.shape).toEqual(expected.shape);
    expectClose(y.dataSync(), expected.y, { relative: 1e-5, absolute: 1e-5 });
    const dy = randomTensor(y.shape, 3);
    const [dx, dFilter] = gradientsOf((x, filter) => conv2d(x, filter, options), [input, kernel], dy);
    const adjoint = convolveOracle(xs, fs, { x, filter, ...options }, dy.dataSync());
    expect(dx.shape).toEqual(x);
    expectClose(dx.dataSync(), adjoint.dx, { relative: 1e-5, absolute: 1e-5 });
    expect(dFilter.shape).toEqual(filter);
    expectClose(dFilter.dataSync(), adjoint.dFilter, { relative: 1e-5, absolute: 1e-5 });
  });

  test('leaves no tensor behind', () => {
    expectNoLeak((x, filter) => conv2d(x, filter, options), [input, kernel]);
  });
});

test('conv2d refuses what does not fit, by name', () => {
  const x = tf.zeros([1, 5, 5, 4]);
  expect(() => conv2d(x, tf.zeros([3, 3, 3, 2]))).toThrow(/conv2d: filter should be \[kH, kW, I \/ groups = 4, O\]/);
  expect(() => conv2d(x, tf.zeros([3, 3, 4, 2]), { groups: 4 })).toThrow(/conv2d: options\.groups should be a divisor/);
  expect(() => conv2d(x, tf.zeros([7, 7, 4, 2]))).toThrow(/conv2d: x should be at least as large/);
  expect(() => conv2d(x, tf.zeros([3, 3, 4, 2]), { stride: 0 })).toThrow(
    /options\.stride should be an integer of at least 1/,
  );
  expect(() => conv2d(x, tf.zeros([3, 3, 4, 2]), { pad: 1 } as object)).toThrow(/unknown option "pad"/);
});
