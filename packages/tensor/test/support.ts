import { RandomStream } from '@ltml/tensor';
import { expectClose, type Tolerance } from '@ltml/tensor/testing';
import * as tf from '@tensorflow/tfjs-core';
import { expect } from 'vitest';

type Op = (...inputs: tf.Tensor[]) => tf.Tensor;

/** Standard normal values from a seed. */
export function randomTensor<T extends tf.Tensor = tf.Tensor>(shape: readonly number[], seed: number): T {
  const random = new RandomStream(seed);
  const size = shape.reduce((product, n) => product * n, 1);
  return tf.tensor(
    Float32Array.from({ length: size }, () => random.normal()),
    [...shape],
  ) as T;
}

/** Gradients of Σ dy · op(inputs) by each input. */
export function gradientsOf(op: Op, inputs: tf.Tensor[], dy: tf.Tensor): tf.Tensor[] {
  return tf.grads((...inputs: tf.Tensor[]) => op(...inputs))(inputs, dy);
}

/** Asserts that an op, forward and backward, leaves as many tensors as it found. */
export function expectNoLeak(op: Op, inputs: tf.Tensor[]): void {
  const before = tf.memory().numTensors;
  const buffers = tf.engine().backend.numDataIds();
  tf.tidy(() => {
    const y = op(...inputs);
    gradientsOf(op, inputs, tf.onesLike(y));
  });
  expect(tf.memory().numTensors).toBe(before);
  expect(tf.engine().backend.numDataIds()).toBe(buffers);
}

type Oracle = (...inputs: Float64Array[]) => ArrayLike<number>;

/**
 * Asserts that an op gives what its definition in doubles gives, and that its gradients are the definition's, taken by
 * central differences in doubles.
 */
export function expectMatchesOracle(op: Op, oracle: Oracle, inputs: tf.Tensor[], tolerance: Tolerance = {}): void {
  const values = inputs.map((input) => Float64Array.from(input.dataSync()));
  const y = op(...inputs);
  expectClose(y.dataSync(), oracle(...values), tolerance);
  const dy = randomTensor(y.shape, 99);
  const weights = dy.dataSync();
  const total = () => Array.from(oracle(...values)).reduce((sum, value, i) => sum + value * weights[i], 0);
  for (const [place, gradient] of gradientsOf(op, inputs, dy).entries()) {
    expect(gradient.shape).toEqual(inputs[place].shape);
    const expected = Array.from(values[place], (value, i) => {
      const step = 1e-5 * Math.max(1, Math.abs(value));
      values[place][i] = value + step;
      const above = total();
      values[place][i] = value - step;
      const below = total();
      values[place][i] = value;
      return (above - below) / (2 * step);
    });
    expectClose(gradient.dataSync(), expected, { absolute: 1e-5, ...tolerance });
  }
}
