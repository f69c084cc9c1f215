import { checkShapes, checkWholeTensor, l2Normalize } from '@ltml/tensor';
import * as tf from '@tensorflow/tfjs-core';

/**
 * The mean of the directions of each class's vectors, whose product with a direction is the mean of its cosines with them.
 *
 * @param vectors [C, K, D]
 * @param counts [C] how many a class has: the first of its K
 * @returns [C, D]; zeros of a class without vectors. No gradient flows
 * @throws ShapeError; DataError on counts that are not from 0 to K
 */
export function meanDirection(vectors: tf.Tensor3D, counts: tf.Tensor1D): tf.Tensor2D {
  const { C, K, D } = checkShapes('meanDirection', { vectors: [vectors, 'C K D'], counts: [counts, 'C'] });
  checkWholeTensor('meanDirection', 'counts', counts, 0, K);
  // Kernels of some engines fail on tensors without entries.
  if (C * K * D === 0) return tf.zeros([C, D]);
  return tf.tidy(() => {
    const held = tf.less(tf.expandDims(tf.range(0, K), 0), tf.expandDims(counts, 1));
    const share = tf.div(tf.cast(held, 'float32'), tf.maximum(tf.expandDims(counts, 1), 1));
    const weights = tf.reshape<tf.Rank.R3>(share, [C, 1, K]);
    return tf.reshape(tf.matMul(weights, l2Normalize(vectors) as tf.Tensor3D), [C, D]);
  });
}

/**
 * The mean cosine of the features of each class with the vectors of the class.
 *
 * @param features [B, C, D]; a gradient flows to them
 * @param directions [C, D] see {@link meanDirection}
 * @returns [B, C] in [−1, 1]
 * @throws ShapeError
 */
export function classSimilarity(features: tf.Tensor3D, directions: tf.Tensor2D): tf.Tensor2D {
  const { B, C, D } = checkShapes('classSimilarity', {
    features: [features, 'B C D'],
    directions: [directions, 'C D'],
  });
  // Kernels of some engines fail on tensors without entries.
  if (B * C * D === 0) return tf.zeros([B, C]);
  return tf.tidy(() => tf.sum<tf.Tensor2D>(tf.mul(l2Normalize(features), directions), 2));
}
