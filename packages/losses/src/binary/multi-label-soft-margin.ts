import type * as tf from '@tensorflow/tfjs-core';
import { checkLossArguments, type MaskedLossOptions } from '../core/checks.ts';
import type { Reduced, Reduction } from '../core/reduction.ts';
import { binaryCrossEntropy } from './binary-cross-entropy.ts';

/** Options of {@link multiLabelSoftMargin}. */
export interface MultiLabelSoftMarginOptions<R extends Reduction = Reduction> extends MaskedLossOptions<R> {
  /** [C] ≥ 0, multiplies the entries of each class. */
  readonly classWeight?: readonly number[];
}

/**
 * PyTorch's multi-label soft margin loss, in nats: binary cross-entropy averaged over classes, then over images.
 *
 * @param logits [B, C] raw scores
 * @param labels [B, C] 1 present, 0 absent; a number between them is a soft label
 * @returns a scalar, or [B, C] for `reduction: 'none'`; `mean` divides by the number of known entries
 * @throws OptionError, ShapeError; DataError on labels outside [0, 1], see `checkSoftLabelTensor` of `@ltml/tensor`
 *
 * The same as {@link binaryCrossEntropy}, under the name that CPRFL's ablations use. With `none`, PyTorch returns the
 * class mean of each image; this function returns the entries.
 */
export function multiLabelSoftMargin<R extends Reduction = 'mean'>(
  logits: tf.Tensor2D,
  labels: tf.Tensor2D,
  options: MultiLabelSoftMarginOptions<R> = {},
): Reduced<R> {
  checkLossArguments('multiLabelSoftMargin', logits, labels, options, { own: ['known', 'classWeight'], soft: true });
  return binaryCrossEntropy(logits, labels, options);
}
