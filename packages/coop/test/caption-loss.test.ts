import { captionDistance, captionLoss } from '@ltml/coop';
import { DataError, OptionError, ShapeError } from '@ltml/tensor';
import { expectClose } from '@ltml/tensor/testing';
import * as tf from '@tensorflow/tfjs-core';
import { expect, it } from 'vitest';
import { normal } from './support.ts';

const captions = normal<tf.Rank.R3>([2, 4, 3], 1);
const prompts = normal<tf.Rank.R3>([3, 4, 3], 2);

it('compares each token of a caption with the token of the prompt that stands behind it', () => {
  // Captions that are the prompt of class 1, two tokens earlier.
  const moved = tf.concat([tf.slice(prompts, [1, 2, 0], [1, 2, 3]), tf.ones([1, 2, 3])], 1) as tf.Tensor3D;
  const distance = captionDistance(moved, prompts, 2);
  expect(distance.shape).toEqual([1, 3, 2]);
  expectClose(tf.slice(distance, [0, 1, 0], [1, 1, 2]).dataSync(), [0, 0], { absolute: 1e-6 });
  expect(
    tf
      .slice(distance, [0, 0, 0], [1, 1, 2])
      .dataSync()
      .every((d) => d > 1e-3),
  ).toBe(true);
});

it('weighs rare classes more, and has 0 for no images', () => {
  const labels = tf.tensor2d([1, 1, 0, 0, 1, 0], [2, 3]);
  const far = tf.sum(captionDistance(captions, prompts, 2), 2).dataSync();
  const weights = [1, 4].map((n) => n ** -2);
  const total = 1 + 1 / 16 + 1 / 9;
  const expected = (far[0] * weights[0] + far[1] * weights[1] + far[4] * weights[1]) / total / 6;
  const got = captionLoss(captions, prompts, labels, { classCounts: [1, 4, 3], margin: 0 });
  expectClose(got.dataSync(), [expected], { relative: 1e-4 });
  expect(captionLoss(tf.zeros([0, 4, 3]), prompts, tf.zeros([0, 3])).dataSync()[0]).toBe(0);
});

it('refuses what makes no sense', () => {
  const labels = tf.zeros<tf.Rank.R2>([2, 3]);
  expect(() => captionLoss(captions, prompts, tf.zeros([2, 2]))).toThrow(ShapeError);
  expect(() => captionLoss(captions, prompts, tf.fill([2, 3], 2))).toThrow(DataError);
  expect(() => captionLoss(captions, prompts, labels, { classCounts: [1, 0, 1] })).toThrow(OptionError);
  expect(() => captionLoss(captions, prompts, labels, { shift: 4 })).toThrow(OptionError);
});
