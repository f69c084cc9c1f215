import {
  Conv2d,
  constant,
  type Initializer,
  kaimingNormal,
  kaimingUniform,
  Linear,
  normal,
  RandomStream,
} from '@ltml/tensor';
import { expectClose } from '@ltml/tensor/testing';
import * as tf from '@tensorflow/tfjs-core';
import { expect, test } from 'vitest';

const random = () => new RandomStream(1);

function spread(initializer: Initializer, shape: number[], fan: { fanIn: number; fanOut: number }) {
  const values = Array.from(initializer(shape, fan, random()).dataSync());
  const mean = values.reduce((sum, value) => sum + value, 0) / values.length;
  const deviation = Math.sqrt(values.reduce((sum, value) => sum + (value - mean) ** 2, 0) / values.length);
  return { mean, deviation, largest: Math.max(...values.map(Math.abs)) };
}

test('PyTorch’s default weights are uniform in ±1 / √fanIn', () => {
  const { mean, deviation, largest } = spread(kaimingUniform(), [100, 100], { fanIn: 25, fanOut: 1 });
  expect(largest).toBeLessThanOrEqual(0.2);
  expect(largest).toBeGreaterThan(0.199);
  expect(Math.abs(mean)).toBeLessThan(0.01);
  expect(deviation).toBeCloseTo(0.2 / Math.sqrt(3), 2);
});

test('the other initialisers have the spread they name', () => {
  expect(spread(kaimingNormal('fanOut'), [100, 100], { fanIn: 1, fanOut: 8 }).deviation).toBeCloseTo(0.5, 1);
  expect(spread(kaimingNormal(), [100, 100], { fanIn: 2, fanOut: 8 }).deviation).toBeCloseTo(1, 1);
  const { mean, deviation } = spread(normal(3, 0.1), [100, 100], { fanIn: 1, fanOut: 1 });
  expect(mean).toBeCloseTo(3, 2);
  expect(deviation).toBeCloseTo(0.1, 2);
  expect(Array.from(constant(2)([2], { fanIn: 1, fanOut: 1 }, random()).dataSync())).toEqual([2, 2]);
});

test('a convolution starts from the fan of one group', () => {
  const layer = new Conv2d({ inChannels: 8, outChannels: 4, kernel: [3, 1], groups: 2, random: random() });
  expect(layer.weight.shape).toEqual([3, 1, 4, 4]);
  const bound = 1 / Math.sqrt(3 * 4);
  const largest = Math.max(...layer.weight.variable.dataSync().map(Math.abs));
  expect(largest).toBeLessThanOrEqual(bound);
  expect(largest).toBeGreaterThan(0.8 * bound);
  expect([...layer.namedParameters()].map(([name, { layout }]) => [name, layout])).toEqual([
    ['weight', 'OIHW'],
    ['bias', undefined],
  ]);
  layer.dispose();
});

test('layers add their bias, or have none', () => {
  const initializer = constant(1);
  const linear = new Linear({ inFeatures: 2, outFeatures: 3, initializer, random: random() });
  linear.bias?.variable.assign(tf.tensor1d([10, 20, 30]));
  expectClose(linear.forward(tf.tensor2d([[1, 2]])).dataSync(), [13, 23, 33]);
  const conv = new Conv2d({ inChannels: 2, outChannels: 1, kernel: 1, bias: false, initializer, random: random() });
  expect(conv.bias).toBeUndefined();
  expectClose(conv.forward(tf.ones([1, 1, 1, 2])).dataSync(), [2]);
  linear.dispose();
  conv.dispose();
});

test('the same stream gives the same layer, and an unknown option is refused', () => {
  const make = () => new Linear({ inFeatures: 4, outFeatures: 4, random: random() });
  expect(make().weight.variable.arraySync()).toEqual(make().weight.variable.arraySync());
  expect(() => new Linear({ inFeatures: 4, outFeatures: 4, random: random(), units: 3 } as never)).toThrow(/"units"/);
});

test('layers own their tensors', () => {
  const before = tf.memory().numTensors;
  new Conv2d({ inChannels: 2, outChannels: 1, kernel: 3, random: random() }).dispose();
  new Linear({ inFeatures: 2, outFeatures: 3, random: random() }).dispose();
  expect(tf.memory().numTensors).toBe(before);
});
