import * as tf from '@tensorflow/tfjs-core';

/**
 * How the entries of a loss become one number. `none` keeps them, `sum` adds them, `mean` divides the sum by the number
 * of entries, `batchmean` divides the sum by B, the number of images.
 */
export type Reduction = 'none' | 'mean' | 'sum' | 'batchmean';

/** All reductions, in the order in which errors list them. */
export const reductions: readonly Reduction[] = ['none', 'mean', 'sum', 'batchmean'];

/** The result type of a loss over [B, C] for a reduction. */
export type Reduced<R extends Reduction> = R extends 'none' ? tf.Tensor2D : tf.Scalar;

/** The result type of a loss with one value for each image, for a reduction. */
export type ReducedRows<R extends Reduction> = R extends 'none' ? tf.Tensor1D : tf.Scalar;

/**
 * The factor for the sum of values of the given shape, [B, C] or [B]. It is a number, or a scalar tensor if it depends
 * on how many entries are known.
 *
 * If nothing is known, the loss is 0, not NaN: the sum is 0 and the divisor at least 1.
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
