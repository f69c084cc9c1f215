import { l2Normalize, RandomStream } from '@ltml/tensor';
import * as tf from '@tensorflow/tfjs-core';

/** Normal numbers, the same for the same seed. */
export function normal<R extends tf.Rank>(shape: tf.ShapeMap[R], seed: number, deviation = 1): tf.Tensor<R> {
  const random = new RandomStream(seed);
  const size = (shape as readonly number[]).reduce((product, n) => product * n, 1);
  const values = Float32Array.from({ length: size }, () => random.normal(0, deviation));
  return tf.tensor(values, shape);
}

/** [rows, D] of length 1. */
export function unitRows(rows: number, D: number, seed: number): tf.Tensor2D {
  return tf.tidy(() => l2Normalize(normal<tf.Rank.R2>([rows, D], seed)) as tf.Tensor2D);
}
