import { checkLabelTensor, checkShapes } from '@ltml/tensor';
import * as tf from '@tensorflow/tfjs-core';
import { classPairs } from './class-pairs.ts';

/** (A type, not an interface, which `tf.tidy` would not take.) */
export type PairLabels = {
  /** [B, P] 1 where the image shows both classes, else 0. */
  readonly labels: tf.Tensor2D;
  /** [B, P] 1 where both labels are known. */
  readonly known: tf.Tensor2D;
};

/**
 * What is known of the pairs of classes, in the order of `classPairs`.
 *
 * @param labels [B, C] 1 present, 0 absent
 * @param known [B, C] 1 known, 0 not
 * @throws ShapeError; DataError on other values
 */
export function pairLabels(labels: tf.Tensor2D, known: tf.Tensor2D): PairLabels {
  const { B, C } = checkShapes('pairLabels', { labels: [labels, 'B C'], known: [known, 'B C'] });
  checkLabelTensor('pairLabels', 'labels', labels);
  checkLabelTensor('pairLabels', 'known', known);
  const { first, second } = classPairs(C);
  // Kernels of some engines fail on tensors without entries.
  if (B * first.length === 0) return { labels: tf.zeros([B, first.length]), known: tf.zeros([B, first.length]) };
  return tf.tidy(() => {
    const [i, j] = [first, second].map((classes) => tf.tensor1d(classes, 'int32'));
    const both = (x: tf.Tensor): tf.Tensor2D => tf.mul<tf.Tensor2D>(tf.gather(x, i, 1), tf.gather(x, j, 1));
    const certain = tf.cast(known, 'float32');
    return { labels: both(tf.mul(tf.cast(labels, 'float32'), certain)), known: both(certain) };
  });
}
