import type * as tf from '@tensorflow/tfjs-core';
import { checkLossArguments, type MaskedLossOptions } from '../core/checks.ts';
import type { Reduced, Reduction } from '../core/reduction.ts';
import { binaryCrossEntropy } from './binary-cross-entropy.ts';

export interface MultiLabelSoftMarginOptions<R extends Reduction = Reduction> extends MaskedLossOptions<R> {
  /** [C] multiplies the entries of each class. */
  readonly classWeight?: readonly number[];
}

/**
 * PyTorch's multi-label soft margin loss, in nats: binary cross-entropy, averaged over classes and then over images.
 *
 * @param logits [B, C] raw scores
 * @param labels [B, C] 1 present, 0 absent; any number between is a soft label
 * @returns a scalar, or the entries [B, C] for `reduction: 'none'`; a mean divides by the number of known entries
 * @throws OptionError, ShapeError; DataError on labels outside [0, 1], see {@link checkSoftLabelTensor}
 *
 * It is {@link binaryCrossEntropy} under the name that the ablations of CPRFL use. PyTorch's `none` gives the class mean
 * of each image instead of the entries.
 */
export function multiLabelSoftMargin<R extends Reduction = 'mean'>(
  logits: tf.Tensor2D,
  labels: tf.Tensor2D,
  options: MultiLabelSoftMarginOptions<R> = {},
): Reduced<R> {
  checkLossArguments('multiLabelSoftMargin', logits, labels, options, { own: ['known', 'classWeight'], soft: true });
  return binaryCrossEntropy(logits, labels, options);
}
