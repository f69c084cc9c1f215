import { OptionError, Parameter, RandomStream, Sgd } from '@ltml/tensor';
import { expectClose } from '@ltml/tensor/testing';
import * as tf from '@tensorflow/tfjs-core';
import { expect, test } from 'vitest';
import { sgdOracle } from './optimizer-oracle.ts';

const normals = (random: RandomStream, length: number) => Array.from({ length }, () => random.normal());

test('two steps with momentum and weight decay, by hand', () => {
  const p = new Parameter(tf.tensor1d([1, -2]));
  const sgd = new Sgd([{ parameters: [['p', p]], learningRate: 0.5, weightDecay: 0.25 }], { momentum: 0.5 });
  const gradients = new Map([[p, tf.tensor1d([1, 1])]]);
  sgd.step(gradients);
  // g = v = [1.25, 0.5]
  expectClose(p.variable.dataSync(), [0.375, -2.25]);
  sgd.step(gradients);
  // g = [1.09375, 0.4375], v = [1.71875, 0.6875]
  expectClose(p.variable.dataSync(), [-0.484375, -2.59375]);
});

const variants = [
  { momentum: 0, dampening: 0, nesterov: false },
  { momentum: 0.9, dampening: 0, nesterov: false },
  { momentum: 0.9, dampening: 0.3, nesterov: false },
  { momentum: 0.8, dampening: 0, nesterov: true },
];
for (const variant of variants) {
  for (const weightDecay of [0, 0.1]) {
    test(`matches the formula over six steps with ${JSON.stringify({ ...variant, weightDecay })}`, () => {
      const random = new RandomStream(7);
      const start = normals(random, 6);
      const gradients = Array.from({ length: 6 }, () => normals(random, 6));
      const p = new Parameter(tf.tensor2d(start, [2, 3]));
      const sgd = new Sgd([{ parameters: [['p', p]], learningRate: 0.1, weightDecay }], variant);
      for (const gradient of gradients) sgd.step(new Map([[p, tf.tensor2d(gradient, [2, 3])]]));
      expectClose(p.variable.dataSync(), sgdOracle(start, gradients, { learningRate: 0.1, weightDecay, ...variant }), {
        relative: 1e-5,
      });
    });
  }
}

test('a schedule moves the learning rate outside the momentum, and the momentum itself', () => {
  const p = new Parameter(tf.tensor1d([0]));
  const sgd = new Sgd([{ parameters: [['p', p]], learningRate: 1 }], { momentum: 0.5 });
  const gradients = new Map([[p, tf.tensor1d([1])]]);
  sgd.step(gradients, { learningRateFactor: 0.1 });
  expectClose(p.variable.dataSync(), [-0.1]);
  sgd.step(gradients, { learningRateFactor: 0.01, momentum: 0.9 });
  // v = 0.9 · 1 + 1, whatever the rate before
  expectClose(p.variable.dataSync(), [-0.119]);
});

test('refuses options that make no sense', () => {
  const groups = [{ parameters: [['p', new Parameter(tf.scalar(1))]], learningRate: 1 }] as const;
  expect(() => new Sgd(groups, { momentum: -0.1 })).toThrow(OptionError);
  expect(() => new Sgd(groups, { nesterov: true })).toThrow(/options.nesterov/);
  expect(() => new Sgd(groups, { momentum: 0.9, dampening: 0.1, nesterov: true })).toThrow(OptionError);
  expect(() => new Sgd(groups, { beta1: 0.9 } as object)).toThrow(/momentum, dampening, nesterov.*"beta1"/);
});

test('refuses a cycled momentum where it was built without, and changes nothing', async () => {
  const p = new Parameter(tf.scalar(1));
  const sgd = new Sgd([{ parameters: [['p', p]], learningRate: 1 }]);
  const gradients = new Map([[p, tf.scalar(1)]]);
  expect(() => sgd.step(gradients, { learningRateFactor: 1, momentum: 0.9 })).toThrow(/Sgd.step: rates.momentum/);
  expect(await sgd.exportState()).toEqual(new Map());
  expectClose(p.variable.dataSync(), [1]);
});
