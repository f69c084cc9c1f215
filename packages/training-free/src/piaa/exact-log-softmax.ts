import * as tf from '@tensorflow/tfjs-core';

/**
 * The logarithm of the softmax over the last axis, exact also for a class that is nearly certain: log p = −log(1 + δ) with
 * δ the sum over the other classes, which in 1 + δ would be lost. So the surest of the sure can be told apart, and p is 1
 * where nothing speaks against it, on every engine.
 *
 * @param logits [N, C]
 * @param largest [N] int32, place of the largest logit
 * @returns [N, C]
 */
export function exactLogSoftmax(logits: tf.Tensor2D, largest: tf.Tensor1D): tf.Tensor2D {
  return tf.tidy(() => {
    const below = tf.sub<tf.Tensor2D>(logits, tf.max(logits, 1, true));
    const places = tf.range(0, logits.shape[1], 1, 'int32');
    const others = tf.mul(tf.exp(below), tf.cast(tf.notEqual(tf.expandDims(largest, 1), places), 'float32'));
    return tf.sub(below, tf.log1p(tf.sum(others, 1, true)));
  });
}
