import { checkShapes, checkWholeTensor, l2Normalize } from '@ltml/tensor';
import * as tf from '@tensorflow/tfjs-core';

/**
 * The mean direction of the vectors of each class. Its dot product with a unit vector is the mean cosine of that vector
 * with the vectors of the class.
 *
 * @param vectors [C, K, D]
 * @param counts [C] number of vectors of each class, 0 … K; they come first
 * @returns [C, D]; zeros for a class without vectors. No gradient flows
 * @throws ShapeError; DataError for counts outside 0 … K
 */
export function meanDirection(vectors: tf.Tensor3D, counts: tf.Tensor1D): tf.Tensor2D {
  const { C, K, D } = checkShapes('meanDirection', { vectors: [vectors, 'C K D'], counts: [counts, 'C'] });
  checkWholeTensor('meanDirection', 'counts', counts, 0, K);
  // Some engines fail on empty tensors.
  if (C * K * D === 0) return tf.zeros([C, D]);
  return tf.tidy(() => {
    const held = tf.less(tf.expandDims(tf.range(0, K), 0), tf.expandDims(counts, 1));
    const share = tf.div(tf.cast(held, 'float32'), tf.maximum(tf.expandDims(counts, 1), 1));
    const weights = tf.reshape<tf.Rank.R3>(share, [C, 1, K]);
    return tf.reshape(tf.matMul(weights, l2Normalize(vectors) as tf.Tensor3D), [C, D]);
  });
}

/**
 * The mean cosine between the features of a class and the vectors of the class.
 *
 * @param features [B, C, D]; they get a gradient
 * @param directions [C, D], see {@link meanDirection}
 * @returns [B, C] in [−1, 1]
 * @throws ShapeError
 */
export function classSimilarity(features: tf.Tensor3D, directions: tf.Tensor2D): tf.Tensor2D {
  const { B, C, D } = checkShapes('classSimilarity', {
    features: [features, 'B C D'],
    directions: [directions, 'C D'],
  });
  // Some engines fail on empty tensors.
  if (B * C * D === 0) return tf.zeros([B, C]);
  return tf.tidy(() => tf.sum<tf.Tensor2D>(tf.mul(l2Normalize(features), directions), 2));
}
