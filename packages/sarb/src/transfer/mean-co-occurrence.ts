import { checkLabelTensor, checkShapes } from '@ltml/tensor';
import * as tf from '@tensorflow/tfjs-core';
import { classPairs } from './class-pairs.ts';

/**
 * How likely each class appears together with the known positives of the image: the mean probability of its pairs with
 * them.
 *
 *     s_c = Σ_{k ≠ c, y_k = 1} p_ck / Σ_{k ≠ c, y_k = 1} 1
 *
 * @param probabilities [B, C·(C − 1)/2], one for each pair in the order of `classPairs`
 * @param labels [B, C] 1 present, 0 absent
 * @param known [B, C] 1 known, 0 unknown
 * @returns [B, C]; 0 for a class without another known positive in the image
 * @throws ShapeError; DataError for labels other than 0 and 1
 *
 * Source: Chen et al. (SST), AAAI 2022, intra-image semantic transfer.
 */
export function meanCoOccurrence(probabilities: tf.Tensor2D, labels: tf.Tensor2D, known: tf.Tensor2D): tf.Tensor2D {
  const where = 'meanCoOccurrence';
  const { B, C } = checkShapes(where, { labels: [labels, 'B C'], known: [known, 'B C'] });
  const { first, second } = classPairs(C);
  const P = first.length;
  checkShapes(where, { probabilities: [probabilities, `${B} ${P}`] });
  checkLabelTensor(where, 'labels', labels);
  checkLabelTensor(where, 'known', known);
  // Some engines fail on empty tensors.
  if (B * P === 0) return tf.zeros([B, C]);
  // The index of each pair, in either order. The index P of a class with itself points to an appended column of zeros.
  const places = new Int32Array(C * C).fill(P);
  for (let p = 0; p < P; p++) places[first[p] * C + second[p]] = places[second[p] * C + first[p]] = p;
  return tf.tidy(() => {
    const columns = tf.concat([probabilities, tf.zeros([B, 1])], 1);
    const matrix = tf.reshape<tf.Rank.R3>(tf.gather(columns, tf.tensor1d(places, 'int32'), 1), [B, C, C]);
    const shown = tf.mul<tf.Tensor2D>(tf.cast(labels, 'float32'), tf.cast(known, 'float32'));
    const sums = tf.reshape(tf.matMul(tf.expandDims(shown, 1) as tf.Tensor3D, matrix), [B, C]);
    const others = tf.sub(tf.sum(shown, 1, true), shown);
    return tf.div<tf.Tensor2D>(sums, tf.maximum(others, 1));
  });
}
