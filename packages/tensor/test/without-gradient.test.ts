import { withoutGradient } from '@ltml/tensor';
import * as tf from '@tensorflow/tfjs-core';
import { afterAll, expect, it } from 'vitest';

const x = tf.tensor1d([1, 2, 3]);
afterAll(() => x.dispose());

it('stops the gradient and leaves the value', () => {
  const { value, grad } = tf.valueAndGrad(
    (x) =>
      tf.sum(
        tf.mul(
          withoutGradient(() => tf.square(x)),
          x,
        ),
      ) as tf.Scalar,
  )(x);
  expect([...value.dataSync()]).toEqual([36]);
  expect([...grad.dataSync()]).toEqual([1, 4, 9]);
  tf.dispose([value, grad]);
});

it('frees what is made on the way before the backward pass', () => {
  let inside = 0;
  let after = 0;
  const grad = tf.grad((x) => {
    const before = tf.memory().numTensors;
    const y = withoutGradient(() => {
      const z = tf.exp(tf.sin(tf.cos(x)));
      inside = tf.memory().numTensors - before;
      return z;
    });
    after = tf.memory().numTensors - before;
    return tf.sum(tf.mul(x, y));
  })(x);
  expect(inside).toBe(3);
  expect(after).toBe(1);
  grad.dispose();
});

it('leaks no tensors', () => {
  const before = tf.memory().numTensors;
  tf.grad((x) =>
    tf.sum(
      tf.mul(
        withoutGradient(() => tf.exp(x)),
        x,
      ),
    ),
  )(x).dispose();
  expect(tf.memory().numTensors).toBe(before);
});
