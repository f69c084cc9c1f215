import { checkLabelTensor, checkShapes, zerosBehind } from '@ltml/tensor';
import * as tf from '@tensorflow/tfjs-core';

/**
 * RAM's multi-matching loss, in nats: the cross-entropy of one softmax over all pairs of image and class of a batch,
 * averaged over the positive pairs.
 *
 * The loss is not a mean over images: it depends on which images are in a batch, and an image with more positives
 * counts more.
 *
 * @param logits [B, C]
 * @param labels [B, C] 1 present, 0 absent
 * @param known [B, C] 1 known, 0 unknown. Unknown pairs do not count. Default: all are known
 * @returns a scalar; 0 without a known positive
 * @throws ShapeError; DataError for values of labels or known other than 0 and 1
 *
 * Source: Tan et al. (RAM), CVPR 2025.
 */
export function multiMatchingLoss(logits: tf.Tensor2D, labels: tf.Tensor2D, known?: tf.Tensor2D): tf.Scalar {
  const where = 'multiMatchingLoss';
  checkShapes(where, { logits: [logits, 'B C'], labels: [labels, 'B C'] });
  if (known) checkShapes(where, { labels: [labels, 'B C'], known: [known, 'B C'] });
  checkLabelTensor(where, 'labels', labels);
  if (known) checkLabelTensor(where, 'known', known);
  if (logits.size === 0) return zerosBehind<tf.Rank.R0>([], logits);
  return tf.tidy(() => {
    const mask = known && tf.cast(known, 'bool');
    // So low that its softmax is 0, but finite, so that 0 · x stays 0.
    const counted = mask ? tf.where(mask, logits, tf.fill(logits.shape, -1e9)) : logits;
    const present = tf.cast<tf.Tensor2D>(labels, 'float32');
    const y = known ? tf.mul<tf.Tensor2D>(present, tf.cast(known, 'float32')) : present;
    const log = tf.reshape(tf.logSoftmax(tf.reshape(counted, [1, -1])), logits.shape);
    return tf.neg(tf.div<tf.Scalar>(tf.sum(tf.mul<tf.Tensor2D>(y, log)), tf.maximum(tf.sum(y), 1)));
  });
}
