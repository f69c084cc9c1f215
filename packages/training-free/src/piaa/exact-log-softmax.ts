import * as tf from '@tensorflow/tfjs-core';

/**
 * Log-softmax over the last axis that is also exact for probabilities near 1: log p = −log(1 + δ), where δ is the sum
 * over the other classes. A usual log-softmax loses δ by rounding. With this one, nearly certain patches can still be
 * ranked, on every engine.
 *
 * @param logits [N, C]
 * @param largest [N] int32, index of the largest logit
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
