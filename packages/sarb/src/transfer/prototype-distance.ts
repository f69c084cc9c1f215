import { checkLabelTensor, checkShapes } from '@ltml/tensor';
import * as tf from '@tensorflow/tfjs-core';

/**
 * Pulls class features towards the prototypes of the class in images that show it, and away from them in images that do
 * not.
 *
 *     1 − s if the class is present, 1 + s if it is absent; the mean over known labels
 *
 * @param similarity [B, C] s, the mean cosine with the prototypes of the class; it gets a gradient
 * @param labels [B, C] 1 present, 0 absent
 * @param known [B, C] 1 for known labels of classes that have prototypes, else 0
 * @returns a scalar in [0, 2]; 0 if no label is known
 * @throws ShapeError; DataError for labels other than 0 and 1
 *
 * Source: Chen et al. (HST), IJCV 2024. The released code has the opposite sign for a present class, which would push
 * features away from their own prototypes.
 */
export function prototypeDistance(similarity: tf.Tensor2D, labels: tf.Tensor2D, known: tf.Tensor2D): tf.Scalar {
  const where = 'prototypeDistance';
  checkShapes(where, { similarity: [similarity, 'B C'], labels: [labels, 'B C'], known: [known, 'B C'] });
  checkLabelTensor(where, 'labels', labels);
  checkLabelTensor(where, 'known', known);
  // Engines disagree on the sum of an empty tensor.
  if (similarity.size === 0) return tf.scalar(0);
  return tf.tidy(() => {
    const counted = tf.cast(known, 'float32');
    const sign = tf.sub(1, tf.mul(tf.cast(labels, 'float32'), 2));
    const terms = tf.mul(counted, tf.add(1, tf.mul(sign, similarity)));
    return tf.div<tf.Scalar>(tf.sum(terms), tf.maximum(tf.sum(counted), 1));
  });
}
