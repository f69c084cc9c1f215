import type * as tf from '@tensorflow/tfjs-core';
import { checkLossArguments, computeLoss, type LossOptions } from '../core/checks.ts';
import { rowLoss } from '../core/closed-form.ts';
import type { ReducedRows, Reduction } from '../core/reduction.ts';
import { remembered } from '../weights/remembered.ts';
import type { ClassFrequencies, FrequencyOptions } from '../weights/statistics.ts';
import { offsetsOf } from './logit-adjustment.ts';
import { softmaxRowForms } from './softmax-rows.ts';

export interface BalancedSoftmaxOptions<R extends Reduction = Reduction> extends LossOptions<R>, FrequencyOptions {
  /** τ, default 1: balanced softmax. Other values are logit adjustment in its softmax form. */
  readonly tau?: number;
}

/**
 * Balanced softmax, for one label an image: cross-entropy of x + τ·log n, in nats. A rare class must win by a larger
 * margin in training; at test time the logits are scores as they are.
 *
 * Axes: B images, C classes.
 *
 * @param logits [B, C] raw scores
 * @param labels [B, C] one 1 in each row; several share the target evenly
 * @param statistics of the images that are trained on
 * @returns a scalar, the mean over images by default, or [B] for `reduction: 'none'`
 * @throws DataError if an n_i is not in [1, N], or on labels other than 0 and 1; OptionError, ShapeError
 *
 * Edge cases: an image without a label costs 0; so does any with C = 1.
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
