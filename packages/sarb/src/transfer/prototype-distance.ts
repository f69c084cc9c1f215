import { checkLabelTensor, checkShapes } from '@ltml/tensor';
import * as tf from '@tensorflow/tfjs-core';

/**
 * Draws the features of a class to its prototypes in images that show it, and away from them in images that don't.
 *
 *     1 − s where a class is present, 1 + s where it is absent; the mean over known labels
 *
 * @param similarity [B, C] s, the mean cosine with the prototypes of the class; a gradient flows to it
 * @param labels [B, C] 1 present, 0 absent
 * @param known [B, C] 1 for what counts: known labels of classes that have prototypes
 * @returns a scalar in [0, 2]; 0 if nothing counts
 * @throws ShapeError; DataError on labels other than 0 and 1
 * Source: Chen et al. (HST), IJCV 2024; the released code has the other sign where a class is present, which would draw
 *   features away from their own prototypes.
 */
export function prototypeDistance(similarity: tf.Tensor2D, labels: tf.Tensor2D, known: tf.Tensor2D): tf.Scalar {
  const where = 'prototypeDistance';
  checkShapes(where, { similarity: [similarity, 'B C'], labels: [labels, 'B C'], known: [known, 'B C'] });
  checkLabelTensor(where, 'labels', labels);
  checkLabelTensor(where, 'known', known);
  // Engines do not agree on sums of nothing.
  if (similarity.size === 0) return tf.scalar(0);
  return tf.tidy(() => {
    const counted = tf.cast(known, 'float32');
    const sign = tf.sub(1, tf.mul(tf.cast(labels, 'float32'), 2));
    const terms = tf.mul(counted, tf.add(1, tf.mul(sign, similarity)));
    return tf.div<tf.Scalar>(tf.sum(terms), tf.maximum(tf.sum(counted), 1));
  });
}
