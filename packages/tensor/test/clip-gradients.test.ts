import { clipGradients, OptionError, Parameter } from '@ltml/tensor';
import { expectClose } from '@ltml/tensor/testing';
import * as tf from '@tensorflow/tfjs-core';
import { expect, test } from 'vitest';

function gradientsOf(...tensors: tf.Tensor[]) {
  return new Map(tensors.map((tensor) => [new Parameter(tf.zerosLike(tensor)), tensor]));
}

const valuesOf = (tensors: Iterable<tf.Tensor>) => [...tensors].map((tensor) => [...tensor.dataSync()]);

test('a norm above the border is brought down to it, over all gradients together', () => {
  // 12² + 16² = 20²
  const { gradients, norm } = clipGradients(
    gradientsOf(tf.tensor2d([[12, 0]]), tf.tensor1d([0]), tf.tensor1d([-16]), tf.scalar(0)),
    5,
  );
  expectClose(norm.dataSync(), [20]);
  expectClose(valuesOf(gradients.values()).flat(), [3, 0, 0, -4, 0], { relative: 1e-6 });
});

test('a norm below the border leaves gradients bit for bit', () => {
  const given = gradientsOf(tf.tensor1d([0.1, -0.7]), tf.tensor2d([[0.3]]));
  const { gradients, norm } = clipGradients(given, 1);
  expect(valuesOf(gradients.values())).toEqual(valuesOf(given.values()));
  expectClose(norm.dataSync(), [Math.sqrt(0.59)]);
});

test('1e-6 is added to the norm, as PyTorch does', () => {
  const { gradients } = clipGradients(gradientsOf(tf.scalar(1e-6)), 1e-6);
  expectClose(valuesOf(gradients.values())[0], [0.5e-6], { relative: 1e-5, absolute: 0 });
});

test('zero gradients stay zero; a NaN shows in the norm', () => {
  const zero = clipGradients(gradientsOf(tf.tensor1d([0, 0])), 1);
  expect(valuesOf(zero.gradients.values())).toEqual([[0, 0]]);
  expect(zero.norm.dataSync()[0]).toBe(0);
  expect(clipGradients(gradientsOf(tf.tensor1d([Number.NaN, 0])), 1).norm.dataSync()[0]).toBeNaN();
});

test('no gradients have the norm 0', () => {
  const { gradients, norm } = clipGradients(new Map(), 1);
  expect(gradients.size).toBe(0);
  expect(norm.dataSync()[0]).toBe(0);
});

test('the norm of a million entries is that of doubles', () => {
  const size = 1 << 20;
  const values = Float32Array.from({ length: size }, (_, i) => Math.sin(i) * (1 + (i % 7)));
  const expected = Math.sqrt(values.reduce((sum, value) => sum + value * value, 0));
  const { norm } = clipGradients(gradientsOf(tf.tensor4d(values, [4, 4, 256, 256])), 1);
  expectClose(norm.dataSync(), [expected], { relative: 1e-5 });
});

test('refuses a border that is not above 0', () => {
  expect(() => clipGradients(new Map(), 0)).toThrow(OptionError);
  expect(() => clipGradients(new Map(), Number.NaN)).toThrow(/clipGradients: maxNorm should be above 0/);
});

test('leaves nothing but its results behind', () => {
  const given = gradientsOf(tf.tensor1d([1]), tf.tensor1d([2]), tf.tensor2d([[3]]));
  const before = tf.memory().numTensors;
  const { gradients, norm } = clipGradients(given, 1);
  expect(tf.memory().numTensors).toBe(before + 4);
  for (const gradient of gradients.values()) gradient.dispose();
  norm.dispose();
  expect(tf.memory().numTensors).toBe(before);
});
