import { rankingLoss } from '@ltml/losses';
import type { Batch } from '@ltml/tensor/contract';
import * as tf from '@tensorflow/tfjs-core';
import type { RankingConfig } from './config.ts';

/** [B] 1 for an image with a known positive, else 0. A step ignores all other images, as in the authors' code. */
export function labelledImages({ labels, known }: Pick<Batch, 'labels' | 'known'>): tf.Tensor1D {
  // Some engines fail on empty tensors, and the maximum over no classes is −∞.
  if (labels.size === 0) return tf.zeros([labels.shape[0]]);
  return tf.tidy(() => tf.max(tf.mul(tf.cast(labels, 'float32'), tf.cast(known, 'float32')), 1) as tf.Tensor1D);
}

/**
 * The ranking loss over the {@link labelledImages} only. With `violationMean` it is also averaged over these images.
 *
 * @param scores [B, C]
 * @returns a scalar; 0 if no image counts
 * @throws ShapeError; DataError on labels other than 0 and 1
 */
export function batchRankingLoss(
  scores: tf.Tensor2D,
  batch: Pick<Batch, 'labels' | 'known'>,
  { pairs, margin }: RankingConfig,
): tf.Scalar {
  return tf.tidy(() => {
    const sum = rankingLoss(scores, batch.labels, { known: batch.known, pairs, margin, reduction: 'sum' });
    if (pairs === 'sum' || scores.size === 0) return sum;
    return tf.div<tf.Scalar>(sum, tf.maximum(tf.sum(labelledImages(batch)), 1));
  });
}
