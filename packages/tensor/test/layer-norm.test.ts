import { LayerNorm, layerNorm } from '@ltml/tensor';
import { expectClose } from '@ltml/tensor/testing';
import * as tf from '@tensorflow/tfjs-core';
import { expect, test } from 'vitest';
import { layerNormOracle } from './oracle.ts';
import { expectMatchesOracle, expectNoLeak, gradientsOf, randomTensor } from './support.ts';

const shapes = [[3, 5, 8], [4, 6], [2, 3, 2, 5], [7]];

test.each(shapes.map((shape) => [shape]))('layerNorm normalises the rows of %j, with gradients', (shape) => {
  const D = shape[shape.length - 1];
  const inputs = [randomTensor(shape, 1), randomTensor([D], 2), randomTensor([D], 3)];
  expectMatchesOracle(
    (x, gamma, beta) => layerNorm(x, gamma, beta),
    (x, gamma, beta) => layerNormOracle(x, gamma, beta, 1e-5),
    inputs,
    { absolute: 1e-4 },
  );
  expectNoLeak((x, gamma, beta) => layerNorm(x, gamma, beta), inputs);
});

test('layerNorm gives β for a constant row, and a finite gradient', () => {
  const [x, gamma, beta] = [tf.fill([2, 8], 4.2), tf.ones([8]), randomTensor([8], 1)];
  const y = layerNorm(x, gamma, beta).dataSync();
  expectClose(y, [...beta.dataSync(), ...beta.dataSync()], { absolute: 1e-3 });
  const [dx] = gradientsOf((x) => layerNorm(x, gamma, beta), [x], randomTensor([2, 8], 2));
  expect(Array.from(dx.dataSync()).every(Number.isFinite)).toBe(true);
});

test('adding a constant to a row of layerNorm changes nothing', () => {
  const [x, ones, zeros] = [randomTensor([3, 6], 1), tf.ones([6]), tf.zeros([6])];
  expectClose(layerNorm(tf.add(x, 50), ones, zeros).dataSync(), layerNorm(x, ones, zeros).dataSync(), {
    absolute: 1e-4,
  });
});

test('LayerNorm passes its ε on', () => {
  const layer = new LayerNorm({ features: 2, epsilon: 3 });
  expectClose(layer.forward(tf.tensor2d([[-1, 1]])).dataSync(), [-0.5, 0.5]);
  layer.dispose();
});

test('layerNorm refuses γ of another size and unknown options', () => {
  const options = { eps: 1e-6 } as object;
  expect(() => layerNorm(tf.ones([2, 3]), tf.ones([3]), tf.ones([3]), options)).toThrow(/unknown option "eps"/);
  expect(() => layerNorm(tf.ones([2, 3]), tf.ones([2]), tf.ones([3]))).toThrow(
    /layerNorm: gamma should be \[D\] = \[3\]/,
  );
});
