import { BatchNorm, Conv2d, convBatchNorm, exportState, RandomStream } from '@ltml/tensor';
import { expectClose } from '@ltml/tensor/testing';
import * as tf from '@tensorflow/tfjs-core';
import { expect, test } from 'vitest';
import { expectNoLeak, gradientsOf, randomTensor } from './support.ts';

function layers(bias: boolean, groups: number): [Conv2d, BatchNorm] {
  const random = new RandomStream(1);
  const conv = new Conv2d({ inChannels: 4, outChannels: 6, kernel: 3, stride: 2, padding: 1, groups, bias, random });
  const norm = new BatchNorm({ channels: 6, epsilon: 0.1 });
  norm.weight.variable.assign(randomTensor([6], 2));
  norm.bias.variable.assign(randomTensor([6], 3));
  norm.running_mean.variable.assign(randomTensor([6], 4));
  norm.running_var.variable.assign(tf.square(randomTensor([6], 5)));
  return [conv, norm];
}

test.each([
  [false, 1],
  [true, 1],
  [false, 2],
])('in evaluation it is the two layers, with gradients (bias %s, %s groups)', (bias, groups) => {
  const [conv, norm] = layers(bias, groups);
  norm.eval();
  const x = randomTensor([2, 5, 6, 4], 6);
  const variables = [...conv.namedParameters(), ...norm.namedParameters()].map(([, { variable }]) => variable);
  const inputs = [x, ...variables];
  const apart = () => norm.forward(conv.forward(x));
  const joined = () => convBatchNorm(conv, norm, x);
  expectClose(joined().dataSync(), apart().dataSync(), { absolute: 1e-5 });
  const dy = randomTensor(apart().shape, 7);
  const expected = gradientsOf(apart, inputs, dy);
  for (const [i, gradient] of gradientsOf(joined, inputs, dy).entries()) {
    expectClose(gradient.dataSync(), expected[i].dataSync(), { absolute: 1e-4 });
  }
  expectNoLeak(joined, inputs);
});

test('in training it normalises by the batch and moves the statistics, unless they are frozen', async () => {
  const [conv, norm] = layers(false, 1);
  const x = randomTensor([2, 5, 6, 4], 6);
  const before = await exportState(norm);
  norm.frozenStatistics = true;
  const frozen = convBatchNorm(conv, norm, x).dataSync();
  expect(await exportState(norm)).toEqual(before);
  expectClose(frozen, norm.eval().forward(conv.forward(x)).dataSync(), { absolute: 1e-5 });
  norm.train();
  norm.frozenStatistics = false;
  const trained = convBatchNorm(conv, norm, x);
  expect((await exportState(norm)).get('running_mean')).not.toEqual(before.get('running_mean'));
  const mean = tf.mean(trained, [0, 1, 2]);
  expectClose(mean.dataSync(), norm.bias.variable.dataSync(), { absolute: 1e-5 });
});
