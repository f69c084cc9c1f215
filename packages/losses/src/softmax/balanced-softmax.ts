import type * as tf from '@tensorflow/tfjs-core';
import { checkLossArguments, computeLoss, type LossOptions } from '../core/checks.ts';
import { rowLoss } from '../core/closed-form.ts';
import type { ReducedRows, Reduction } from '../core/reduction.ts';
import { remembered } from '../weights/remembered.ts';
import type { ClassFrequencies, FrequencyOptions } from '../weights/statistics.ts';
import { offsetsOf } from './logit-adjustment.ts';
import { softmaxRowForms } from './softmax-rows.ts';

/** Options of {@link balancedSoftmax}. */
export interface BalancedSoftmaxOptions<R extends Reduction = Reduction> extends LossOptions<R>, FrequencyOptions {
  /** τ, default 1: balanced softmax. Other values give the softmax form of logit adjustment. */
  readonly tau?: number;
}

/**
 * Balanced softmax, for data sets with one label per image: cross-entropy of x + τ·log n, in nats. In training a rare
 * class must win by a larger margin. At test time use the logits x as they are.
 *
 * Axes: B images, C classes.
 *
 * @param logits [B, C] raw scores
 * @param labels [B, C] one 1 in each row; several positives share the target evenly
 * @param statistics class counts of the training set
 * @returns a scalar, the mean over images by default, or [B] for `reduction: 'none'`
 * @throws DataError if an n_i is not in [1, N], or on labels other than 0 and 1; OptionError, ShapeError
 *
 * Edge cases: an image without a positive costs 0; with C = 1 every image does.
 * Source: Ren et al., NeurIPS 2020, equation 4; Menon et al., ICLR 2021, equation 10, for τ.
 */
export function balancedSoftmax<R extends Reduction = 'mean'>(
  logits: tf.Tensor2D,
  labels: tf.Tensor2D,
  statistics: ClassFrequencies,
  options: BalancedSoftmaxOptions<R> = {},
): ReducedRows<R> {
  const where = 'balancedSoftmax';
  const { C } = checkLossArguments(where, logits, labels, options, { own: ['tau', 'clampCounts'] });
  const { reduction = 'mean' as R, tau = 1, clampCounts = false } = options;
  const offsets = remembered(statistics, `balanced softmax ${C} ${tau} ${clampCounts}`, () =>
    Float32Array.from(offsetsOf(where, statistics, C, { form: 'softmax', tau, clampCounts })),
  );
  return computeLoss({ logits, labels, known: undefined }, ({ logits: x, labels: y }) =>
    rowLoss([x], softmaxRowForms(x, y, offsets), { reduction }),
  );
}
