import { rankingLoss } from '@ltml/losses';
import type { Batch } from '@ltml/tensor/contract';
import * as tf from '@tensorflow/tfjs-core';
import type { RankingConfig } from './config.ts';

/** [B] 1 for an image with a known positive. The others are left out of a step, as in the authors' code. */
export function labelledImages({ labels, known }: Pick<Batch, 'labels' | 'known'>): tf.Tensor1D {
  return tf.tidy(() => tf.max(tf.mul(tf.cast(labels, 'float32'), tf.cast(known, 'float32')), 1) as tf.Tensor1D);
}

/**
 * The ranking loss of the images that count; an average over pairs is one over those images too.
 *
 * @param scores [B, C]
 * @param counted [B] of {@link labelledImages}
 * @returns a scalar; 0 if no image counts
 */
export function batchRankingLoss(
  scores: tf.Tensor2D,
  { labels, known }: Pick<Batch, 'labels' | 'known'>,
  counted: tf.Tensor1D,
  { pairs, margin }: RankingConfig,
): tf.Scalar {
  const sum = rankingLoss(scores, labels, { known, pairs, margin, reduction: 'sum' });
  return pairs === 'sum' ? sum : tf.div(sum, tf.maximum(tf.sum(counted), 1));
}
