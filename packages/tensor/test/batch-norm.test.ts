import { BatchNorm, batchNormInference, batchNormTraining } from '@ltml/tensor';
import { expectClose } from '@ltml/tensor/testing';
import * as tf from '@tensorflow/tfjs-core';
import { describe, expect, test } from 'vitest';
import { batchNormOracle } from './oracle.ts';
import { expectMatchesOracle, expectNoLeak, gradientsOf, randomTensor } from './support.ts';

const training = (x: tf.Tensor, gamma: tf.Tensor, beta: tf.Tensor) => {
  const { y, mean, variance } = batchNormTraining(x, gamma, beta);
  tf.dispose([mean, variance]);
  return y;
};

const shapes = {
  maps: [4, 3, 2, 5],
  'two values a channel': [2, 1, 1, 3],
  rows: [6, 4],
  tokens: [2, 3, 4],
  'one channel': [3, 3, 3, 1],
};

describe.each(Object.entries(shapes))('batchNormTraining of %s', (_, shape) => {
  const C = shape[shape.length - 1];
  const x = tf.add(tf.mul(randomTensor(shape, 1), 2), 3);
  const inputs = [x, randomTensor([C], 2), randomTensor([C], 3)];

  test('normalises by the batch, gradients flow through its statistics', () => {
    expectMatchesOracle(training, (x, gamma, beta) => batchNormOracle(x, gamma, beta, 1e-5).y, inputs, {
      absolute: 1e-4,
    });
  });

  test('gives the mean and the biased variance', () => {
    const { mean, variance } = batchNormTraining(x, inputs[1], inputs[2]);
    const expected = batchNormOracle(Float64Array.from(x.dataSync()), new Float64Array(C), new Float64Array(C), 1e-5);
    expectClose(mean.dataSync(), expected.mean);
    expectClose(variance.dataSync(), expected.variance);
  });

  test('leaves no tensor behind', () => {
    expectNoLeak(training, inputs);
  });
});

test('batchNormTraining gives β for a constant channel, and a finite gradient', () => {
  const x = tf.concat([tf.fill([6, 1], 7.3), randomTensor([6, 1], 1)], 1);
  const [gamma, beta] = [tf.tensor1d([2, 2]), tf.tensor1d([0.5, -0.5])];
  const y = training(x, gamma, beta);
  expectClose(tf.slice(y, [0, 0], [6, 1]).dataSync(), new Array(6).fill(0.5), { absolute: 2e-3 });
  const [dx] = gradientsOf(training, [x, gamma, beta], randomTensor([6, 2], 2));
  expect(Array.from(dx.dataSync()).every(Number.isFinite)).toBe(true);
});

test('batchNormTraining keeps its precision for values far from zero', () => {
  const x = tf.add(randomTensor([64, 2], 1), 1000);
  const { variance } = batchNormTraining(x, tf.ones([2]), tf.zeros([2]));
  const expected = batchNormOracle(Float64Array.from(x.dataSync()), new Float64Array(2), new Float64Array(2), 1e-5);
  expectClose(variance.dataSync(), expected.variance, { relative: 1e-3 });
});

test('batchNormInference is affine in x, and differentiable by x, γ and β', () => {
  const [mean, variance] = [randomTensor([4], 4), tf.square(randomTensor([4], 5))];
  const [m, v] = [mean.dataSync(), variance.dataSync()];
  expectMatchesOracle(
    (x, gamma, beta) => batchNormInference(x, gamma, beta, { mean, variance }),
    (x, gamma, beta) =>
      x.map((value, i) => (gamma[i % 4] * (value - m[i % 4])) / Math.sqrt(v[i % 4] + 1e-5) + beta[i % 4]),
    [randomTensor([2, 3, 4], 1), randomTensor([4], 2), randomTensor([4], 3)],
  );
});

test('BatchNorm moves its running variance by the unbiased estimate', () => {
  const layer = new BatchNorm({ channels: 1 });
  layer.forward(tf.tensor2d([[1], [3]]));
  // The batch's mean is 2, its biased variance 1, its unbiased one 2.
  expectClose(layer.running_mean.variable.dataSync(), [0.2]);
  expectClose(layer.running_var.variable.dataSync(), [0.9 + 0.2]);
  layer.eval();
  expectClose(layer.forward(tf.tensor2d([[0.2]])).dataSync(), [0]);
  expect([...layer.namedState()].map(([name]) => name)).toEqual(['weight', 'bias', 'running_mean', 'running_var']);
  layer.dispose();
});

test('BatchNorm leaves no tensor behind, with or without gradients', () => {
  const x = randomTensor([5, 3], 1);
  const layer = new BatchNorm({ channels: 3 });
  expectNoLeak((x) => layer.forward(x), [x]);
  layer.eval();
  expectNoLeak((x) => layer.forward(x), [x]);
  layer.dispose();
});

test('batch norm refuses one value a channel and statistics of another size', () => {
  expect(() => batchNormTraining(tf.ones([1, 3]), tf.ones([3]), tf.ones([3]))).toThrow(/more than one value/);
  expect(() => batchNormTraining(tf.ones([2, 3]), tf.ones([2]), tf.ones([3]))).toThrow(/gamma should be \[C\] = \[3\]/);
});
