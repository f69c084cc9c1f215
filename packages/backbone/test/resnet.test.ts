import { RandomStream, ShapeError } from '@ltml/tensor';
import { expectClose } from '@ltml/tensor/testing';
import * as tf from '@tensorflow/tfjs-core';
import { expect, test } from 'vitest';
import { ResNet, type ResNetConfig } from '../src/index.ts';

const config: ResNetConfig = {
  stem: { channels: 4, kernel: 7, stride: 2, maxPool: true },
  stages: [
    { channels: 4, blocks: 2, stride: 1 },
    { channels: 6, blocks: 1, stride: 2 },
  ],
};
const create = (): ResNet => new ResNet(config, new RandomStream(1));
const parameterCount = (net: ResNet): number =>
  [...net.namedParameters()].reduce((sum, [, { variable }]) => sum + variable.size, 0);

test('state names are those of torchvision', () => {
  const net = create();
  const norm = (name: string): string[] => ['weight', 'bias', 'running_mean', 'running_var'].map((s) => `${name}.${s}`);
  const block = (name: string): string[] => [
    ...[`${name}.conv1.weight`, ...norm(`${name}.bn1`)],
    ...[`${name}.conv2.weight`, ...norm(`${name}.bn2`)],
  ];
  const expected = [
    ...['conv1.weight', ...norm('bn1'), ...block('layer1.0'), ...block('layer1.1'), ...block('layer2.0')],
    ...['layer2.0.downsample.0.weight', ...norm('layer2.0.downsample.1')],
  ];
  expect([...net.namedState()].map(([name]) => name).sort()).toEqual(expected.sort());
  net.dispose();
});

test('stem, pooling and strides halve the image as PyTorch does, odd sizes too', () => {
  const net = create().eval();
  const images = tf.zeros([2, 65, 33, 3]);
  const { featureMap, features } = net.forward(images);
  // 65 → 33 (stem) → 17 (pooling) → 17 → 9; 33 → 17 → 9 → 9 → 5
  expect(featureMap.shape).toEqual([2, 9, 5, 6]);
  expect(features.shape).toEqual([2, 6]);
  expect(net.featureCount).toBe(6);
  tf.dispose([images, featureMap, features]);
  net.dispose();
});

test('features are the mean of the feature map, which is never negative', () => {
  const net = create().eval();
  const images = tf.randomUniform([2, 32, 32, 3], -1, 1, 'float32', 7);
  const { featureMap, features } = net.forward(images);
  const mean = tf.mean(featureMap, [1, 2]);
  expectClose(features.dataSync(), mean.dataSync());
  expect(Math.min(...featureMap.dataSync())).toBeGreaterThanOrEqual(0);
  expect(Math.max(...featureMap.dataSync())).toBeGreaterThan(0);
  tf.dispose([images, featureMap, features, mean]);
  net.dispose();
});

test('a block whose inner weights are zero is its shortcut', () => {
  const net = new ResNet({ stem: { ...config.stem, maxPool: false }, stages: [config.stages[0]] }, new RandomStream(1));
  net.eval();
  const images = tf.randomUniform([1, 16, 16, 3], -1, 1, 'float32', 7);
  for (const [name, { variable }] of net.namedParameters()) {
    if (/layer1\.\d\.bn2\.weight/.test(name)) variable.assign(tf.tidy(() => tf.zerosLike(variable)));
  }
  const { featureMap, features } = net.forward(images);
  const stem = tf.tidy(() => tf.relu(net.bn1.forward(net.conv1.forward(images))));
  expectClose(featureMap.dataSync(), stem.dataSync());
  tf.dispose([images, featureMap, features, stem]);
  net.dispose();
});

test('every parameter has a gradient, and nothing leaks in training or evaluation', () => {
  const before = tf.memory().numTensors;
  const net = create();
  const images = tf.randomUniform([3, 32, 32, 3], -1, 1, 'float32', 7);
  const { value, grads } = tf.variableGrads(() => tf.sum(tf.square(net.forward(images).features)));
  const moved = Object.values(grads).filter((gradient) => gradient.dataSync().some((entry) => entry !== 0));
  expect(moved).toHaveLength([...net.namedParameters()].length);
  tf.dispose([value, grads]);
  const outputs = net.eval().forward(images);
  tf.dispose([images, outputs]);
  net.dispose();
  expect(tf.memory().numTensors).toBe(before);
});

test('the same stream gives the same weights', () => {
  const [a, b] = [create(), create()];
  const other = new Map([...b.namedParameters()].map(([name, { variable }]) => [name, variable.dataSync()]));
  for (const [name, { variable }] of a.namedParameters()) expect(variable.dataSync()).toEqual(other.get(name));
  expect(parameterCount(a)).toBe(3 * 4 * 49 + 4 * (4 * 4 * 9) + (4 * 6 + 6 * 6) * 9 + 4 * 6 + 2 * (4 + 4 * 4 + 3 * 6));
  a.dispose();
  b.dispose();
});

test('images without three channels are refused', () => {
  const net = create();
  expect(() => net.forward(tf.zeros([1, 32, 32, 1]))).toThrow(expect.toSatisfy(ShapeError.is));
  net.dispose();
});
