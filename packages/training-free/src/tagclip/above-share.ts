import { checkNumber, checkShapes } from '@ltml/tensor';
import * as tf from '@tensorflow/tfjs-core';

/**
 * Scores less min + share · (max − min) of their image: above 0 is what TagCLIP says is in it.
 *
 * @param scores [B, C]
 * @throws ShapeError, OptionError
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
