import { checkShapes, l2Normalize } from '@ltml/tensor';
import * as tf from '@tensorflow/tfjs-core';

/**
 * CLIP's similarity of images and texts: exp(s) · cos(image, text).
 *
 * Axes: B images, C texts, D features.
 *
 * @param images [B, D]
 * @param texts [C, D]
 * @param logitScale s, a scalar or [1]; ln(1 / 0.07) before training, about ln 100 in OpenAI's weights
 * @returns [B, C] logits
 * @throws ShapeError
 * Edge cases: a zero vector has similarity 0 to everything; the authors' code divides by zero.
 * Source: Radford et al. 2021, figure 3.
 */
export function clipSimilarity(images: tf.Tensor, texts: tf.Tensor, logitScale: tf.Tensor): tf.Tensor2D {
  checkShapes('clipSimilarity', { images: [images, 'B D'], texts: [texts, 'C D'] });
  return tf.tidy(() => {
    const scaled = tf.mul(l2Normalize(images), tf.exp(tf.reshape(logitScale, [])));
    return tf.matMul(scaled as tf.Tensor2D, l2Normalize(texts) as tf.Tensor2D, false, true);
  });
}
