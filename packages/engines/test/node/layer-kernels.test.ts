import { gelu, layerNorm } from '@ltml/tensor';
import { expectClose } from '@ltml/tensor/testing';
import * as tf from '@tensorflow/tfjs-core';
import { describe, expect, test } from 'vitest';
import { gradientsOf, randomTensor } from '../../../tensor/test/support.ts';

const engine = tf.getBackend();

/** Runs the composed form of an op that has a kernel. */
function composed<T>(names: readonly string[], compute: () => T): T {
  const kernels = names.map((name) => tf.getKernel(name, engine));
  for (const name of names) tf.unregisterKernel(name, engine);
  try {
    return compute();
  } finally {
    for (const kernel of kernels) tf.registerKernel(kernel);
  }
}

describe.skipIf(!tf.getKernel('ltml/LayerNorm', engine))('the kernels of layers', () => {
  // One row, fewer and more entries than are summed side by side, and so many rows that several threads share them.
  const shapes = [
    [1, 1],
    [3, 7],
    [2, 3, 64],
    [5, 100],
    [1500, 768],
  ];

  test.each(shapes.map((shape) => [shape]))('layer norm of %j is that of composed ops', (shape) => {
    const D = shape[shape.length - 1];
    const inputs = [tf.add(tf.mul(randomTensor(shape, 1), 3), 2), randomTensor([D], 2), randomTensor([D], 3)];
    const run = (x: tf.Tensor, gamma: tf.Tensor, beta: tf.Tensor) => layerNorm(x, gamma, beta, { epsilon: 1e-3 });
    const compute = () =>
      [run(...(inputs as [tf.Tensor, tf.Tensor, tf.Tensor])), ...gradientsOf(run, inputs, randomTensor(shape, 4))].map(
        (tensor) => tensor.dataSync(),
      );
    const expected = composed(['ltml/LayerNorm', 'ltml/LayerNormGrad'], compute);
    for (const [i, values] of compute().entries()) {
      // Sums over rows of both signs.
      expectClose(values, expected[i], { relative: 1e-4, absolute: 1e-6 * Math.max(100, shape[0]) });
    }
  });

  test('gelu over several threads is that of composed ops', () => {
    const x = tf.mul(randomTensor([700, 1001], 1), 3);
    const compute = () => [gelu(x), ...gradientsOf(gelu, [x], randomTensor(x.shape, 2))].map((y) => y.dataSync());
    const expected = composed(['ltml/Gelu', 'ltml/GeluGrad'], compute);
    for (const [i, values] of compute().entries()) expectClose(values, expected[i], { relative: 1e-5, absolute: 1e-6 });
  });

  test('what is not a number stays so, in its row alone', () => {
    const y = layerNorm(
      tf.tensor2d([
        [1, Number.NaN],
        [1, 3],
      ]),
      tf.ones([2]),
      tf.zeros([2]),
    ).dataSync(); // prettier-ignore
    expect(Array.from(y, Number.isNaN)).toEqual([true, true, false, false]);
    expect(gelu(tf.scalar(Number.NaN)).dataSync()[0]).toBeNaN();
    expect(Array.from(gelu(tf.tensor1d([-Infinity, Infinity])).dataSync())).toEqual([Number.NaN, Infinity]);
  });
});
