import { DataError, OptionError } from '@ltml/tensor';
import { expectClose } from '@ltml/tensor/testing';
import * as tf from '@tensorflow/tfjs-core';
import { expect, it } from 'vitest';
import { binaryCrossEntropy, kPositiveCrossEntropy, logitAdjustment, logitOffsets } from '../src/index.ts';

const statistics = { trainCount: 10, classCounts: [1, 5, 4] };

it('adds τ·log of the class prior over a softmax, and of the odds of each class for sigmoids', () => {
  expectClose(
    logitOffsets(statistics, { form: 'softmax', tau: 2 }),
    [0.1, 0.5, 0.4].map((p) => 2 * Math.log(p)),
  );
  expectClose(logitOffsets(statistics), [Math.log(1 / 9), 0, Math.log(4 / 6)], { absolute: 1e-12 });
});

it('makes the prior alone the best answer of zero logits', () => {
  tf.tidy(() => {
    // With the labels' own frequencies as targets the gradient at adjusted zeros vanishes.
    const zeros = tf.zeros<tf.Rank.R2>([1, 3]);
    const soft = tf.tensor2d([[0.1, 0.5, 0.4]]);
    const sigmoid = tf.grad((s) => binaryCrossEntropy(logitAdjustment(s as tf.Tensor2D, statistics), soft))(zeros);
    expectClose(sigmoid.dataSync(), [0, 0, 0]);
    const softmax = tf.grad((s) =>
      kPositiveCrossEntropy(logitAdjustment(s as tf.Tensor2D, statistics, { form: 'softmax' }), soft, {
        reduction: 'sum',
      }),
    )(zeros);
    expectClose(softmax.dataSync(), [0, 0, 0]);
  });
});

it('leaves no tensor behind and refuses what makes no sense', () => {
  const logits = tf.zeros<tf.Rank.R2>([2, 3]);
  const before = tf.memory().numTensors;
  logitAdjustment(logits, statistics).dispose();
  expect(tf.memory().numTensors).toBe(before);
  expect(() => logitAdjustment(logits, { trainCount: 10, classCounts: [0, 5, 5] })).toThrow(DataError);
  expect(() => logitAdjustment(logits, { trainCount: 10, classCounts: [1, 5] })).toThrow(/logits should be/);
  expect(() => logitAdjustment(logits, statistics, { tau: Number.NaN })).toThrow(OptionError);
  logits.dispose();
});
