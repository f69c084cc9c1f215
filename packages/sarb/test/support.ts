import { RandomStream } from '@ltml/tensor';
import { expectClose } from '@ltml/tensor/testing';
import * as tf from '@tensorflow/tfjs-core';
import { expect } from 'vitest';

/** Standard normal values from a seed. */
export function randomTensor<T extends tf.Tensor = tf.Tensor>(shape: readonly number[], seed: number): T {
  const random = new RandomStream(seed);
  const size = shape.reduce((product, n) => product * n, 1);
  return tf.tensor(
    Float32Array.from({ length: size }, () => random.normal()),
    [...shape],
  ) as T;
}

/** Labels and what is known of them, at random. */
export function randomLabels(B: number, C: number, seed: number, share = 0.5) {
  const random = new RandomStream(seed);
  const draw = (chance: number): tf.Tensor2D =>
    tf.tensor2d(
      Float32Array.from({ length: B * C }, () => Number(random.uniform() < chance)),
      [B, C],
    );
  return { labels: draw(0.4), known: draw(share) };
}

type Op = (...inputs: tf.Tensor[]) => tf.Tensor;

/** Asserts that gradients of Σ dy · op(inputs) are those of the definition in doubles, by central differences. */
export function expectMatchesOracle(
  op: Op,
  oracle: (...inputs: Float64Array[]) => ArrayLike<number>,
  inputs: tf.Tensor[],
): void {
  const values = inputs.map((input) => Float64Array.from(input.dataSync()));
  const y = op(...inputs);
  expectClose(y.dataSync(), oracle(...values), { absolute: 1e-5 });
  const dy = randomTensor(y.shape, 99);
  const weights = dy.dataSync();
  const total = () => Array.from(oracle(...values)).reduce((sum, value, i) => sum + value * weights[i], 0);
  const gradients = tf.grads((...args: tf.Tensor[]) => op(...args))(inputs, dy);
  for (const [place, gradient] of gradients.entries()) {
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
    expectClose(gradient.dataSync(), expected, { absolute: 2e-5 });
  }
}

/** Asserts that something leaves no tensor behind but those that it returns. */
export async function expectNoLeak(run: () => tf.TensorContainer | Promise<tf.TensorContainer>): Promise<void> {
  const before = tf.memory().numTensors;
  tf.dispose(await run());
  expect(tf.memory().numTensors).toBe(before);
}
