import * as tf from '@tensorflow/tfjs-core';
import { checkLossArguments, computeLoss, type LossOptions } from '../core/checks.ts';
import { type Entries, entryLoss } from '../core/closed-form.ts';
import { findLossKernel, type KernelPass } from '../core/loss-kernel.ts';
import type { Reduced, Reduction } from '../core/reduction.ts';
import { targetOf } from './softmax-rows.ts';

/** Options of {@link kPositiveCrossEntropy}. */
export type KPositiveCrossEntropyOptions<R extends Reduction = Reduction> = LossOptions<R>;

/**
 * Softmax cross-entropy for several positives that share the target evenly, in nats. An entry is −(y_c/Σ_j y_j)·log
 * p_c, with p = softmax(x).
 *
 * @param logits [B, C] raw scores
 * @param labels [B, C] 1 present, 0 absent; a number between them is a soft label
 * @returns a scalar, or [B, C] for `reduction: 'none'`. `mean` divides by B·C; `batchmean` divides by B, the usual
 *   cross-entropy if each row has one positive
 * @throws OptionError, ShapeError; DataError on labels outside [0, 1], see `checkSoftLabelTensor` of `@ltml/tensor`
 *
 * Edge cases: a row without positives adds 0 (NaN in the authors' code).
 * Source: `use_kpos` of the code of Wu et al., ECCV 2020; Mahajan et al., ECCV 2018.
 */
export function kPositiveCrossEntropy<R extends Reduction = 'mean'>(
  logits: tf.Tensor2D,
  labels: tf.Tensor2D,
  options: KPositiveCrossEntropyOptions<R> = {},
): Reduced<R> {
  checkLossArguments('kPositiveCrossEntropy', logits, labels, options, { own: [], soft: true });
  const { reduction = 'mean' as R } = options;
  const kernel = findLossKernel('ltml/KPositiveLoss');
  return computeLoss({ logits, labels, known: undefined }, ({ logits: x, labels: y }) => {
    // Entries of a row share its softmax, so only their sum has a gradient entry by entry.
    if (reduction === 'none' && x.size > 0) return tf.neg(tf.mul(targetOf(y), tf.logSoftmax(x)));
    const compose = (): Entries => {
      const target = targetOf(y);
      const logProbability = tf.logSoftmax(x);
      const mass = tf.sum(target, 1, true);
      return {
        value: tf.mul<tf.Tensor2D>(target, tf.neg(logProbability)),
        derivatives: [tf.sub(tf.mul(mass, tf.exp(logProbability)), target)],
      };
    };
    const byKernel: KernelPass | undefined =
      kernel && ((scale) => kernel({ logits: x, labels: y, offsets: tf.zeros([1, 1]), scale }));
    return entryLoss([x], { compose, byKernel }, { reduction });
  });
}
