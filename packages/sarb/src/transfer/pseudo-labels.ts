import { checkLabelTensor, checkShapes, withoutGradient } from '@ltml/tensor';
import * as tf from '@tensorflow/tfjs-core';

/** Labels that are found for what is not known. (A type, not an interface, which `tf.tidy` would not take.) */
export type PseudoLabels = {
  /** [B, C] above 0 where a class is taken for present. */
  readonly labels: tf.Tensor2D;
  /** [B, C] 1 there, 0 elsewhere: what is known already is left out. */
  readonly known: tf.Tensor2D;
};

/**
 * Takes unknown classes for present whose score is above a margin.
 *
 * @param scores [B, C] in [−1, 1], constants for the gradient
 * @param known [B, C] 1 known, 0 not
 * @param margin a scalar
 * @param kind `hard`: the label is 1. `soft`: it is score − margin, and the margin gets a gradient by it
 * @throws ShapeError; DataError on a `known` other than 0 and 1
 * Source: Chen et al. (SST), AAAI 2022, hard; Chen et al. (HST), IJCV 2024, soft.
 */
export function pseudoLabels(
  scores: tf.Tensor2D,
  known: tf.Tensor2D,
  margin: tf.Tensor,
  kind: 'hard' | 'soft',
): PseudoLabels {
  checkShapes('pseudoLabels', { scores: [scores, 'B C'], known: [known, 'B C'], margin: [margin, ''] });
  checkLabelTensor('pseudoLabels', 'known', known);
  // Kernels of some engines fail on tensors without entries.
  if (scores.size === 0) return { labels: tf.zeros(scores.shape), known: tf.zeros(scores.shape) };
  return tf.tidy(() => {
    const found = withoutGradient(() => {
      const unknown = tf.sub(1, tf.cast(known, 'float32'));
      return tf.mul<tf.Tensor2D>(unknown, tf.cast(tf.greater(scores, margin), 'float32'));
    });
    if (kind === 'hard') return { labels: tf.clone(found), known: found };
    const above = tf.clipByValue(
      tf.sub(
        withoutGradient(() => tf.clone(scores)),
        margin,
      ),
      0,
      1,
    );
    return { labels: tf.mul<tf.Tensor2D>(found, above), known: found };
  });
}
