import * as tf from '@tensorflow/tfjs-core';
import type { LossForms } from '../core/closed-form.ts';
import { findLossKernel } from '../core/loss-kernel.ts';

/**
 * −Σ_c t_c·log softmax(x + offset)_c of each image, with t = y/Σ y; 0 for an image without a positive.
 *
 * @param x [B, C]
 * @param labels [B, C]
 * @param offsets [C]
 */
export function softmaxRowForms(x: tf.Tensor2D, labels: tf.Tensor2D, offsets: Float32Array): LossForms<tf.Tensor1D> {
  const kernel = findLossKernel('ltml/KPositiveLoss');
  const row = (): tf.Tensor2D => tf.tensor2d(offsets, [1, offsets.length]);
  return {
    compose: () => {
      const target = targetOf(labels);
      const log = tf.logSoftmax(tf.add(x, row()));
      const mass = tf.sum(target, 1, true);
      return {
        value: tf.neg(tf.sum<tf.Tensor1D>(tf.mul(target, log), 1)),
        derivatives: [tf.sub(tf.mul(mass, tf.exp(log)), target)],
      };
    },
    byKernel: kernel && ((scale) => kernel({ logits: x, labels, offsets: row(), scale })),
  };
}

/** The labels divided by their sum; all 0 in a row without positives. */
export function targetOf(labels: tf.Tensor2D): tf.Tensor2D {
  return tf.div(labels, tf.maximum(tf.sum(labels, 1, true), 1));
}
