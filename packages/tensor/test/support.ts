import { RandomStream } from '@ltml/tensor';
import * as tf from '@tensorflow/tfjs-core';
import { expect } from 'vitest';

type Op = (...inputs: tf.Tensor[]) => tf.Tensor;

/** Standard normal values from a seed. */
export function randomTensor(shape: readonly number[], seed: number): tf.Tensor {
  const random = new RandomStream(seed);
  const size = shape.reduce((product, n) => product * n, 1);
  return tf.tensor(
    Float32Array.from({ length: size }, () => random.normal()),
    [...shape],
  );
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
