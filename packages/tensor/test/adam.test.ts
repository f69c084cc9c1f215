import { Adam, AdamW, OptionError, Parameter, RandomStream } from '@ltml/tensor';
import { expectClose } from '@ltml/tensor/testing';
import * as tf from '@tensorflow/tfjs-core';
import { expect, test } from 'vitest';
import { adamOracle } from './optimizer-oracle.ts';

const normals = (random: RandomStream, length: number) => Array.from({ length }, () => random.normal());

test('the first step is the learning rate in size, whatever the gradient', () => {
  const p = new Parameter(tf.tensor1d([1, 1, 1]));
  const adam = new Adam([{ parameters: [['p', p]], learningRate: 0.25 }]);
  adam.step(new Map([[p, tf.tensor1d([3, -0.001, 0])]]));
  expectClose(p.variable.dataSync(), [0.75, 1.25, 1], { relative: 1e-5 });
});

test('ε stands outside the square root and is not bias corrected', () => {
  const p = new Parameter(tf.tensor1d([0]));
  const adam = new Adam([{ parameters: [['p', p]], learningRate: 1 }], { epsilon: 1 });
  adam.step(new Map([[p, tf.tensor1d([3])]]));
  expectClose(p.variable.dataSync(), [-3 / (3 + 1)]);
});

test('weight decay goes through the moments in Adam and past them in AdamW', () => {
  const gradient = tf.tensor1d([0]);
  const coupled = new Parameter(tf.tensor1d([2]));
  const decoupled = new Parameter(tf.tensor1d([2]));
  const group = { learningRate: 0.1, weightDecay: 0.5 };
  new Adam([{ parameters: [['p', coupled]], ...group }]).step(new Map([[coupled, gradient]]));
  new AdamW([{ parameters: [['p', decoupled]], ...group }]).step(new Map([[decoupled, gradient]]));
  expectClose(coupled.variable.dataSync(), [2 - 0.1], { relative: 1e-5 });
  expectClose(decoupled.variable.dataSync(), [2 * (1 - 0.1 * 0.5)], { relative: 1e-6 });
});

for (const [Kind, decoupled] of [
  [Adam, false],
  [AdamW, true],
] as const) {
  for (const weightDecay of [0, 0.2]) {
    for (const cycled of [false, true]) {
      const title = `${Kind.name} matches the formula over six steps, weight decay ${weightDecay}`;
      test(`${title}, β₁ ${cycled ? 'cycled' : 'constant'}`, () => {
        const random = new RandomStream(11);
        const start = normals(random, 6);
        const gradients = Array.from({ length: 6 }, () => normals(random, 6));
        const beta1 = cycled ? [0.95, 0.9, 0.85, 0.87, 0.9, 0.95] : new Array<number>(6).fill(0.8);
        const options = { beta2: 0.98, epsilon: 1e-3 };
        const p = new Parameter(tf.tensor2d(start, [2, 3]));
        const optimizer = new Kind([{ parameters: [['p', p]], learningRate: 0.1, weightDecay }], {
          ...options,
          beta1: 0.8,
        });
        for (const [i, gradient] of gradients.entries()) {
          const rates = { learningRateFactor: 1, ...(cycled ? { momentum: beta1[i] } : {}) };
          optimizer.step(new Map([[p, tf.tensor2d(gradient, [2, 3])]]), rates);
        }
        const expected = adamOracle(start, gradients, { learningRate: 0.1, weightDecay, beta1, decoupled, ...options });
        expectClose(p.variable.dataSync(), expected, { relative: 1e-5 });
      });
    }
  }
}

test('stays finite for gradients of 1e-18 and 1e18', () => {
  const p = new Parameter(tf.tensor1d([1, 1]));
  const adam = new AdamW([{ parameters: [['p', p]], learningRate: 0.1 }]);
  for (let i = 0; i < 3; i++) adam.step(new Map([[p, tf.tensor1d([1e-18, 1e18])]]));
  // The small one is lost against ε = 1e-8.
  expectClose(p.variable.dataSync(), [1, 0.7], { relative: 1e-4 });
});

test('a rate of 0 moves nothing but counts and gathers moments, as PyTorch does', () => {
  const p = new Parameter(tf.tensor1d([1]));
  const adam = new AdamW([{ parameters: [['p', p]], learningRate: 0.1, weightDecay: 0.5 }], { beta1: 0.5 });
  adam.step(new Map([[p, tf.tensor1d([4])]]), { learningRateFactor: 0 });
  expectClose(p.variable.dataSync(), [1]);
  adam.step(new Map([[p, tf.tensor1d([0])]]));
  // m̂ = 1 / 0.75, v̂ = 16 · 0.001 · 0.999 / (1 − 0.999²)
  const direction = 4 / 3 / Math.sqrt((16 * 0.001 * 0.999) / (1 - 0.999 ** 2));
  expectClose(p.variable.dataSync(), [0.95 - 0.1 * direction], { relative: 1e-5 });
});

test('refuses options that make no sense', () => {
  const groups = [{ parameters: [['p', new Parameter(tf.scalar(1))]], learningRate: 1 }] as const;
  expect(() => new Adam(groups, { beta1: 1 })).toThrow(
    /Adam: options.beta1 should be a finite number in \[0, 1\), got 1/,
  );
  expect(() => new AdamW(groups, { beta2: -0.1 })).toThrow(OptionError);
  expect(() => new AdamW(groups, { epsilon: Number.NaN })).toThrow(OptionError);
  expect(() => new Adam(groups, { momentum: 0.9 } as object)).toThrow(/beta1, beta2, epsilon.*"momentum"/);
});
