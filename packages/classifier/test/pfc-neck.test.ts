import { RandomStreams } from '@ltml/tensor';
import * as tf from '@tensorflow/tfjs-core';
import { expect, it } from 'vitest';
import { PfcNeck } from '../src/index.ts';

const options = { inFeatures: 3, width: 4, random: new RandomStreams(1) };

it.each([
  ['inFeatures', 0],
  ['inFeatures', 1.5],
  ['width', Number.NaN],
  ['width', -1],
  ['layers', 0],
  ['layers', 3],
  ['leakyRelu', 1],
  ['leakyReLU', 1],
])('has no neck with %s of %d', (name, bad) => {
  expect(() => new PfcNeck({ ...options, [name]: bad } as never)).toThrow(/PfcNeck: options/);
});

it('leaves nothing behind but what it gives, outside a tidy too', () => {
  const neck = new PfcNeck({ ...options, layers: 2, leakyRelu: true }).eval();
  const map = tf.ones([2, 2, 2, 3]);
  const before = tf.memory().numTensors;
  neck.forward(map).dispose();
  tf.grad((x) => neck.forward(x))(map).dispose();
  expect(tf.memory().numTensors).toBe(before);
});
