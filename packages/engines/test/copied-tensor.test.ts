import { copiedTensor, copyableValues } from '@ltml/tensor';
import * as tf from '@tensorflow/tfjs-core';
import { expect, test } from 'vitest';

const copies = ['tensorflow', 'wasm'].includes(tf.getBackend());

test('a copied tensor does not change with its memory', () => {
  for (const length of [1, 6, 1000, 2 ** 20]) {
    const values = copyableValues(length);
    expect(values).toHaveLength(length);
    values.fill(3);
    const tensor = copiedTensor(values, [length, 1]);
    expect(tensor !== undefined).toBe(copies);
    values.fill(4);
    if (!tensor) continue;
    const doubled = tf.add(tensor, tensor);
    expect([tensor.shape, tensor.dtype, doubled.dataSync()[length - 1]]).toEqual([[length, 1], 'float32', 6]);
    expect(tensor.dataSync().every((value) => value === 3)).toBe(true);
    tf.dispose([tensor, doubled]);
  }
});

test('memory that the engine may use in place gives no copied tensor, or one that does not change', () => {
  for (const start of [0, 1, 2, 3]) {
    const values = new Float32Array(200).subarray(start, start + 100).fill(3);
    const tensor = copiedTensor(values, [100]);
    values.fill(4);
    if (tensor) expect(tensor.dataSync().every((value) => value === 3)).toBe(true);
    tensor?.dispose();
  }
});

test('no tensor is left over', () => {
  const before = tf.memory().numTensors;
  copiedTensor(copyableValues(10), [2, 5])?.dispose();
  expect(tf.memory().numTensors).toBe(before);
});
