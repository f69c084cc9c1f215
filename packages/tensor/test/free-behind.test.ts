import { differentiate, disposeGradients, Parameter, RandomStream } from '@ltml/tensor';
import { expectClose } from '@ltml/tensor/testing';
import * as tf from '@tensorflow/tfjs-core';
import { expect, test } from 'vitest';

const [layers, rows, width] = [24, 32, 16];

/** The identity; tells how many tensors there are when the backward pass comes by. */
function watched(x: tf.Tensor, counts: number[]): tf.Tensor {
  return tf.customGrad((x) => ({
    value: tf.clone(x as tf.Tensor),
    gradFunc: (dy: tf.Tensor) => {
      counts.push(tf.memory().numTensors);
      return dy;
    },
  }))(x);
}

test('the number of tensors falls while the backward pass goes back', () => {
  const random = new RandomStream(1);
  const weights = Array.from({ length: layers }, () => {
    return new Parameter(
      tf.tensor2d(
        Float32Array.from({ length: width ** 2 }, () => random.normal()),
        [width, width],
      ),
    );
  });
  const before = tf.memory().numTensors;
  const counts: number[] = [];
  const { loss, gradients } = differentiate(() => {
    let h: tf.Tensor = tf.ones([rows, width]);
    for (const { variable } of weights)
      h = tf.tanh(tf.matMul(watched(h, counts) as tf.Tensor2D, variable as tf.Tensor2D));
    return { loss: tf.mean(h) as tf.Scalar, terms: {} };
  }, weights);
  // A layer has saved four tensors and leaves one gradient, that of its weight.
  expect(counts).toHaveLength(layers - 1);
  for (const [i, count] of counts.entries()) if (i > 1) expect(count).toBeLessThan(counts[i - 1]);
  disposeGradients(gradients);
  loss.dispose();
  expect(tf.memory().numTensors).toBe(before);
});

test('a gradient that is handed on as it is, or to two inputs, stays as long as it is needed', () => {
  const [a, b] = [new Parameter(tf.tensor1d([1, 2])), new Parameter(tf.tensor1d([3, -1]))];
  /** a + b, whose gradients are one tensor. */
  const add = tf.customGrad((a, b) => ({
    value: tf.add(a as tf.Tensor, b as tf.Tensor),
    gradFunc: (dy: tf.Tensor) => [dy, dy],
  }));
  const { loss, gradients } = differentiate(() => {
    const sum = add(tf.square(a.variable), tf.square(b.variable));
    return { loss: tf.sum(add(sum, tf.square(sum))) as tf.Scalar, terms: {} };
  }, [a, b]);
  // s = a² + b², loss Σ s + s²: by a (1 + 2 s) 2 a.
  expectClose(loss.dataSync(), [10 + 100 + 5 + 25]);
  expectClose(gradients.get(a)!.dataSync(), [42, 44]);
  expectClose(gradients.get(b)!.dataSync(), [126, -22]);
});

test('a gradient that somebody else owns is left alone', () => {
  const a = new Parameter(tf.tensor1d([1, 2]));
  const slope = tf.tensor1d([5, 7]);
  const sloped = tf.customGrad((x) => ({ value: tf.clone(x as tf.Tensor), gradFunc: () => slope }));
  const { gradients, loss } = differentiate(() => {
    return { loss: tf.sum(sloped(tf.square(a.variable))) as tf.Scalar, terms: {} };
  }, [a]);
  expectClose(gradients.get(a)!.dataSync(), [10, 28]);
  expectClose(slope.dataSync(), [5, 7]);
  disposeGradients(gradients);
  tf.dispose([loss, slope]);
});

test('a differentiation within another leaves the tape of the outer one whole', () => {
  const x = tf.scalar(3);
  const w = new Parameter(tf.scalar(2));
  // The gradient of w x³ by w is x³, whose own by x is 3 x².
  const slope = tf.grad((x: tf.Tensor) => {
    const { loss, gradients } = differentiate(
      () => ({ loss: tf.mul(w.variable, tf.mul(x, tf.square(x))) as tf.Scalar, terms: {} }),
      [w],
    );
    loss.dispose();
    return gradients.get(w)!;
  })(x);
  expectClose(slope.dataSync(), [27]);
});
