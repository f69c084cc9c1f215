import { checkNumber, checkShapes } from '@ltml/tensor';
import * as tf from '@tensorflow/tfjs-core';

/**
 * Subtracts min + share · (max − min) of each image from its scores. TagCLIP predicts the classes with a result above
 * 0.
 *
 * @param scores [B, C]
 * @param share in [0, 1]. Default 0.5
 * @throws ShapeError, OptionError
 *
 * Source: TagCLIP, AAAI 2024, released code.
 */
export function aboveShare(scores: tf.Tensor2D, share: number = 0.5): tf.Tensor2D {
  checkShapes('aboveShare', { scores: [scores, 'B C'] });
  checkNumber('aboveShare', 'share', share, { min: 0, max: 1 });
  if (scores.size === 0) return tf.clone(scores);
  return tf.tidy(() => {
    const [least, most] = [tf.min(scores, 1, true), tf.max(scores, 1, true)];
    return tf.sub<tf.Tensor2D>(tf.sub(scores, least), tf.mul(tf.sub(most, least), share));
  });
}
