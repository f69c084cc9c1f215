import { checkLabelTensor, checkShapes, withoutGradient } from '@ltml/tensor';
import * as tf from '@tensorflow/tfjs-core';

/** Pseudo-labels of unknown classes. (A type, not an interface, because `tf.tidy` does not accept an interface.) */
export type PseudoLabels = {
  /** [B, C] above 0 if the class counts as present, else 0. */
  readonly labels: tf.Tensor2D;
  /** [B, C] 1 for each pseudo-label, else 0. It is 0 for classes that were known already. */
  readonly known: tf.Tensor2D;
};

/**
 * Labels an unknown class as present if its score is above a margin.
 *
 * @param scores [B, C] in [−1, 1]; they get no gradient
 * @param known [B, C] 1 known, 0 unknown
 * @param margin a scalar
 * @param kind `hard`: the label is 1. `soft`: the label is score − margin, and the margin gets a gradient
 * @throws ShapeError; DataError for a `known` other than 0 and 1
 *
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
  // Some engines fail on empty tensors.
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
