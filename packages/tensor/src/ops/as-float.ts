import * as tf from '@tensorflow/tfjs-core';

/** Casts whole numbers and booleans, e.g. pixel values, to the floats that kernels compute with. */
export function asFloat<T extends tf.Tensor>(x: T): T {
  return x.dtype === 'float32' ? x : tf.cast(x, 'float32');
}
