import { Parameter, Sgd, type SgdOptions } from '@ltml/tensor';
import { expectClose } from '@ltml/tensor/testing';
import * as tf from '@tensorflow/tfjs-core';
import { expect, test } from 'vitest';

test('two steps with momentum, by hand', () => {
  const p = new Parameter(tf.tensor1d([1, -2]));
  const sgd = new Sgd([{ parameters: [['p', p]], learningRate: 0.5, weightDecay: 0.25 }], { momentum: 0.5 });
  const gradients = new Map([[p, tf.tensor1d([1, 1])]]);
  sgd.step(gradients);
  // g = [1.25, 0.5] = v
  expectClose(p.variable.dataSync(), [0.375, -2.25]);
  sgd.step(gradients);
  // g = [1.09375, 0.4375], v = [1.71875, 0.6875]
  expectClose(p.variable.dataSync(), [-0.484375, -2.59375]);
});
