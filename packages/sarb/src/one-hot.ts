import * as tf from '@tensorflow/tfjs-core';

/**
 * [N] int32 → [N, depth] float32.
 *
 * (`tf.oneHot` refuses a depth of 1, and on WASM it writes integers where floats are asked for.)
 */
export function oneHot(indices: tf.Tensor1D, depth: number): tf.Tensor2D {
  const classes = tf.range(0, depth, 1, 'int32');
  return tf.cast(tf.equal(tf.expandDims(indices, 1), classes), 'float32') as tf.Tensor2D;
}
