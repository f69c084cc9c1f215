import * as tf from '@tensorflow/tfjs-core';

/**
 * Maps each token by itself: [B, L, D] → [B, L, E] by a function of rows [B · L, D]. TensorFlow joins a chain of linear maps
 * and activations only where no reshaping lies between them.
 */
export function mapTokens(x: tf.Tensor, map: (rows: tf.Tensor) => tf.Tensor): tf.Tensor {
  const [B, L, D] = x.shape;
  return tf.reshape(map(tf.reshape(x, [-1, D])), [B, L, -1]);
}
