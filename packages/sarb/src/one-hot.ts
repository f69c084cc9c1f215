import * as tf from '@tensorflow/tfjs-core';

/**
 * One-hot vectors: [N] int32 → [N, depth] float32.
 *
 * (`tf.oneHot` rejects a depth of 1, and on WASM it returns integers when asked for floats.)
 */
export function oneHot(indices: tf.Tensor1D, depth: number): tf.Tensor2D {
  const classes = tf.range(0, depth, 1, 'int32');
  return tf.cast(tf.equal(tf.expandDims(indices, 1), classes), 'float32') as tf.Tensor2D;
}
