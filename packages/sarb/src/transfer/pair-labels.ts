import { checkLabelTensor, checkShapes } from '@ltml/tensor';
import * as tf from '@tensorflow/tfjs-core';
import { classPairs } from './class-pairs.ts';

/** Labels of pairs of classes. (A type, not an interface, because `tf.tidy` does not accept an interface.) */
export type PairLabels = {
  /** [B, P] 1 if the image shows both classes, else 0. */
  readonly labels: tf.Tensor2D;
  /** [B, P] 1 if both labels are known, else 0. */
  readonly known: tf.Tensor2D;
};

/**
 * The labels of all pairs of classes, in the order of `classPairs`.
 *
 * @param labels [B, C] 1 present, 0 absent
 * @param known [B, C] 1 known, 0 unknown
 * @throws ShapeError; DataError for other values
 */
export function pairLabels(labels: tf.Tensor2D, known: tf.Tensor2D): PairLabels {
  const { B, C } = checkShapes('pairLabels', { labels: [labels, 'B C'], known: [known, 'B C'] });
  checkLabelTensor('pairLabels', 'labels', labels);
  checkLabelTensor('pairLabels', 'known', known);
  const { first, second } = classPairs(C);
  // Some engines fail on empty tensors.
  if (B * first.length === 0) return { labels: tf.zeros([B, first.length]), known: tf.zeros([B, first.length]) };
  return tf.tidy(() => {
    const [i, j] = [first, second].map((classes) => tf.tensor1d(classes, 'int32'));
    const both = (x: tf.Tensor): tf.Tensor2D => tf.mul<tf.Tensor2D>(tf.gather(x, i, 1), tf.gather(x, j, 1));
    const certain = tf.cast(known, 'float32');
    return { labels: both(tf.mul(tf.cast(labels, 'float32'), certain)), known: both(certain) };
  });
}
