import { ClipVisionTransformer } from '@ltml/backbone';
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

/** D of {@link towerOf}. */
export const towerFeatures = 6;

/** A small image tower of so many blocks, for pictures of 16 pixels. */
export function towerOf(layers: number): ClipVisionTransformer {
  return new ClipVisionTransformer(
    { imageSize: 16, patchSize: 8, width: 16, layers, heads: 2, embedding: towerFeatures },
    new RandomStream(1),
  );
}
