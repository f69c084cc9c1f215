import * as tf from '@tensorflow/tfjs-core';

/**
 * How the entries of a loss become one number: `none` keeps them, `sum` adds them, `mean` divides the sum by their
 * number, `batchmean` divides the sum by B, the number of images.
 */
export type Reduction = 'none' | 'mean' | 'sum' | 'batchmean';

export const reductions: readonly Reduction[] = ['none', 'mean', 'sum', 'batchmean'];

/** What a loss over [B, C] gives back for a reduction. */
export type Reduced<R extends Reduction> = R extends 'none' ? tf.Tensor2D : tf.Scalar;

/** What a loss with one value for each image gives back for a reduction. */
export type ReducedRows<R extends Reduction> = R extends 'none' ? tf.Tensor1D : tf.Scalar;

/**
 * What a sum over values of the given shape, [B, C] or [B], is multiplied by: a number, or a scalar tensor where it
 * depends on how many entries are known.
 *
 * Nothing known gives a loss of 0, not NaN: the sum is 0 and the divisor at least 1.
 */
export function reductionScale(
  reduction: Exclude<Reduction, 'none'>,
  shape: readonly number[],
  known?: tf.Tensor2D,
): number | tf.Scalar {
  if (reduction === 'sum') return 1;
  if (reduction === 'batchmean') return 1 / Math.max(shape[0], 1);
  if (known) return tf.div<tf.Scalar>(1, tf.maximum(tf.sum(known), 1));
  return 1 / Math.max(tf.util.sizeFromShape([...shape]), 1);
}
