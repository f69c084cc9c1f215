import * as tf from '@tensorflow/tfjs-core';

/** Whole numbers and booleans, such as the levels of a picture, as the floats that kernels compute with. */
export function asFloat<T extends tf.Tensor>(x: T): T {
  return x.dtype === 'float32' ? x : tf.cast(x, 'float32');
}
