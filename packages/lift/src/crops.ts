import { checkShapes } from '@ltml/tensor';
import * as tf from '@tensorflow/tfjs-core';

/**
 * Scores of images, averaged over the crops of each image. An image can be a stack of K crops, one below the other.
 *
 * @param images [B, S, S, 3], or [B, K · S, S, 3] with K crops, as from the step `fiveCrops` of `@ltml/images`
 * @param score [N, S, S, 3] → [N, C]
 * @throws ShapeError
 */
export function averageCrops(images: tf.Tensor, score: (images: tf.Tensor) => tf.Tensor2D): tf.Tensor2D {
  const { B, H, W } = checkShapes('averageCrops', { images: [images, 'B H W 3'] });
  const crops = H / W;
  if (B === 0 || crops === 1 || !Number.isInteger(crops)) return score(images);
  return tf.tidy(() => {
    const scores = score(tf.reshape(images, [B * crops, W, W, 3]));
    return tf.mean<tf.Tensor2D>(tf.reshape(scores, [B, crops, scores.shape[1]]), 1);
  });
}
