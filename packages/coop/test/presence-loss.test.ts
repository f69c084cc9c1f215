import { presenceLogits, presenceLoss } from '@ltml/coop';
import { asymmetricLoss } from '@ltml/losses';
import { DataError, OptionError, ShapeError } from '@ltml/tensor';
import { expectClose } from '@ltml/tensor/testing';
import * as tf from '@tensorflow/tfjs-core';
import { expect, it } from 'vitest';
import { normal } from './support.ts';

const labels = tf.tensor2d([1, 0, 0, 1, 1, 0], [2, 3]);
const known = tf.tensor2d([1, 1, 0, 1, 0, 1], [2, 3]);

it('is the asymmetric loss of the softmax over the two logits, where that is exact', () => {
  const [absent, present] = [normal<tf.Rank.R2>([2, 3], 1), normal<tf.Rank.R2>([2, 3], 2)];
  const options = { known, gammaPositive: 1.5, gammaNegative: 3, clip: 0.1 };
  const both = (loss: (logits: tf.Tensor2D) => tf.Scalar) =>
    tf.valueAndGrads((a, p) => loss(presenceLogits({ absent: a as tf.Tensor2D, present: p as tf.Tensor2D })))([
      absent,
      present,
    ]);
  const got = both((logits) => presenceLoss(logits, labels, { ...options, weight: 0.5 }));
  const expected = both((logits) => tf.mul(asymmetricLoss(logits, labels, { ...options, epsilon: 1e-6 }), 0.5));
  expectClose(got.value.dataSync(), expected.value.dataSync(), { relative: 1e-5 });
  for (const i of [0, 1]) expectClose(got.grads[i].dataSync(), expected.grads[i].dataSync(), { relative: 1e-4 });
});

it('keeps a gradient where the model is sure and wrong', () => {
  const gradient = tf.grad((x) => presenceLoss(x as tf.Tensor2D, tf.tensor2d([[0]]), { weight: 1 }));
  // (1 − clip)² / clip · σ(−24), of which 1 − σ(24) in float32 would be 0.
  expectClose(gradient(tf.tensor2d([[24]])).dataSync(), [(0.95 ** 2 / 0.05) * Math.exp(-24)], { relative: 1e-3 });
});

it('is 0 of nothing known and of no images, and takes in nothing unknown', () => {
  const none = tf.zeros<tf.Rank.R2>([2, 3]);
  expect(presenceLoss(normal([2, 3], 3), labels, { known: none }).dataSync()[0] + 0).toBe(0);
  expect(presenceLoss(tf.zeros([0, 3]), tf.zeros([0, 3])).dataSync()[0]).toBe(0);
  const odd = tf.tensor2d([1, 2, Number.NaN, 1, Number.NaN, 0], [2, 3]);
  const { value, grad } = tf.valueAndGrad((x) => presenceLoss(x as tf.Tensor2D, labels, { known }))(odd);
  expect([...value.dataSync(), ...grad.dataSync()].every(Number.isFinite)).toBe(true);
  expect([grad.dataSync()[2], grad.dataSync()[4]].map(Math.abs)).toEqual([0, 0]);
});

it('refuses what makes no sense', () => {
  const logits = normal<tf.Rank.R2>([2, 3], 4);
  expect(() => presenceLoss(logits, tf.fill([2, 3], -1))).toThrow(DataError);
  expect(() => presenceLoss(logits, tf.zeros([2, 2]))).toThrow(ShapeError);
  expect(() => presenceLoss(logits, labels, { clip: 1 })).toThrow(OptionError);
  expect(() => presenceLoss(logits, labels, { gamma: 1 } as object)).toThrow(OptionError);
});
