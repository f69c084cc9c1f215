import * as tf from '@tensorflow/tfjs-core';
import { expect, it } from 'vitest';
import { combineStreams, distillationLoss, labelStreams, topKPool } from '../src/index.ts';

/** Freed memory that an engine which reads what is not there would find. */
const leaveTraces = () => tf.dispose(Array.from({ length: 64 }, (_, i) => tf.fill([1 + 3 * i], 1234.5)));

it('has a distillation loss of 0 and gradients of 0 for no images', () => {
  leaveTraces();
  const none = tf.zeros([0, 4]) as tf.Tensor2D;
  for (const reduction of ['mean', 'rowNorm'] as const) {
    const { value, grad } = tf.valueAndGrad((x) => distillationLoss(x as tf.Tensor2D, none, { reduction }))(none);
    expect([value.dataSync()[0], ...grad.shape]).toEqual([0, 0, 4]);
  }
});

it('counts images by marks of any type', () => {
  const [student, teacher] = [tf.ones([2, 3]) as tf.Tensor2D, tf.zeros([2, 3]) as tf.Tensor2D];
  for (const type of ['float32', 'int32', 'bool'] as const) {
    const counted = tf.tensor1d([1, 0], type);
    expect(distillationLoss(student, teacher, { counted, reduction: 'rowNorm' }).dataSync()[0]).toBe(3);
  }
});

it('pools and compares no images, or no labels, to an empty tensor, and no patches to nothing', () => {
  expect(topKPool(tf.zeros([0, 3, 2]), 2).shape).toEqual([0, 2]);
  expect(topKPool(tf.zeros([2, 3, 0]), 2).shape).toEqual([2, 0]);
  expect(() => topKPool(tf.zeros([2, 0, 3]), 2)).toThrow(/topKPool: similarities should be of at least one patch/);
  const image = (B: number, N: number) => ({
    features: tf.ones([B, 4]) as tf.Tensor2D,
    patches: tf.ones([B, N, 4]) as tf.Tensor3D,
  });
  for (const [B, C] of [
    [0, 3],
    [2, 0],
  ]) {
    const streams = labelStreams(image(B, 5), tf.ones([C, 4]));
    expect([streams.global.shape, streams.local.shape]).toEqual([
      [B, C],
      [B, C],
    ]);
  }
  expect(() => labelStreams(image(2, 0), tf.ones([3, 4]))).toThrow(/labelStreams: image\.patches/);
});

it('refuses options out of range, and names that it does not know', () => {
  const scores = tf.ones([1, 2, 3]) as tf.Tensor3D;
  for (const k of [0, -1, 1.5, Number.NaN, Infinity])
    expect(() => topKPool(scores, k)).toThrow(/k should be a whole number/);
  const image = { features: tf.ones([1, 4]) as tf.Tensor2D, patches: tf.ones([1, 2, 4]) as tf.Tensor3D };
  for (const options of [{ topK: 0 }, { labelsAtOnce: Number.NaN }, { topk: 2 }]) {
    expect(() => labelStreams(image, tf.ones([3, 4]), options)).toThrow(/labelStreams: options/);
  }
  const streams = { global: tf.ones([1, 2]) as tf.Tensor2D, local: tf.ones([1, 2]) as tf.Tensor2D };
  expect(() => combineStreams(streams, { combine: 'max' } as never)).toThrow(/one of mean, sum, global, local/);
  expect(() => combineStreams(streams, { normalize: 'no' } as never)).toThrow(/true or false/);
});
