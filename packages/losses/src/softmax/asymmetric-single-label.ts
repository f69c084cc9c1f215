import { checkNumber } from '@ltml/tensor';
import * as tf from '@tensorflow/tfjs-core';
import { checkLossArguments, computeLoss, type LossOptions } from '../core/checks.ts';
import { type Rows, rowLoss } from '../core/closed-form.ts';
import { findLossKernel, type KernelPass } from '../core/loss-kernel.ts';
import { power } from '../core/power.ts';
import type { ReducedRows, Reduction } from '../core/reduction.ts';

/** Options of {@link asymmetricLossSingleLabel}. */
export interface AsymmetricLossSingleLabelOptions<R extends Reduction = Reduction> extends LossOptions<R> {
  /** Focal exponent γ₊ ≥ 0 of the target class, default 0: Ridnik et al.'s code. */
  readonly gammaPositive?: number;
  /** Focal exponent γ₋ ≥ 0 of the other classes, default 4: Ridnik et al.'s code. */
  readonly gammaNegative?: number;
  /** Label smoothing in [0, 1], default 0.1: Ridnik et al.'s code. */
  readonly smoothing?: number;
}

/**
 * Asymmetric loss with a softmax, for data sets with one label per image, in nats.
 *
 *     ℓ = −Σ_j T_j·f_j·log p_j,  p = softmax(x),  T = y·(1 − ε) + ε/C
 *     f_j = (1 − p_j)^{γ₊} at the target, p_j^{γ₋} elsewhere
 *
 * @param logits [B, C] raw scores
 * @param labels [B, C] exactly one 1 in each row
 * @returns a scalar, the mean over images by default, or [B] for `reduction: 'none'`
 * @throws OptionError, ShapeError; DataError on labels other than 0 and 1, see `checkLabelTensor` of `@ltml/tensor`
 *
 * The gradient flows through the factor f. Source: `ASLSingleLabel` of the code of Ridnik et al., ICCV 2021.
 */
export function asymmetricLossSingleLabel<R extends Reduction = 'mean'>(
  logits: tf.Tensor2D,
  labels: tf.Tensor2D,
  options: AsymmetricLossSingleLabelOptions<R> = {},
): ReducedRows<R> {
  const where = 'asymmetricLossSingleLabel';
  checkLossArguments(where, logits, labels, options, { own: ['gammaPositive', 'gammaNegative', 'smoothing'] });
  const { reduction = 'mean' as R, gammaPositive = 0, gammaNegative = 4, smoothing = 0.1 } = options;
  checkNumber(where, 'options.gammaPositive', gammaPositive, { min: 0 });
  checkNumber(where, 'options.gammaNegative', gammaNegative, { min: 0 });
  checkNumber(where, 'options.smoothing', smoothing, { min: 0, max: 1 });
  const kernel = findLossKernel('ltml/AsymmetricSingleLabelLoss');
  return computeLoss({ logits, labels, known: undefined }, ({ logits: x, labels: y }) => {
    const byKernel: KernelPass | undefined =
      kernel && ((scale) => kernel({ logits: x, labels: y, scale }, { gammaPositive, gammaNegative, smoothing }));
    const compose = () => singleLabelRows(x, y, gammaPositive, gammaNegative, smoothing);
    return rowLoss([x], { compose, byKernel }, { reduction });
  });
}

/** The values, and the derivatives a − p·Σ_j a_j, where a_j = T_j·p_j·φ'(p_j) and φ(p) = −f(p)·log p. */
function singleLabelRows(
  x: tf.Tensor2D,
  labels: tf.Tensor2D,
  gammaPositive: number,
  gammaNegative: number,
  smoothing: number,
): Rows {
  const target = tf.cast(labels, 'bool');
  const smoothed = tf.add<tf.Tensor2D>(tf.mul(labels, 1 - smoothing), smoothing / x.shape[1]);
  const log = tf.logSoftmax(x);
  const p = tf.exp(log);
  const q = tf.sub<tf.Tensor2D>(1, p);
  const factor = tf.mul<tf.Tensor2D>(smoothed, tf.where(target, power(q, gammaPositive), power(p, gammaNegative)));
  // p·φ' = −f − γ₋·f·log p elsewhere, and −f + γ₊·f·(p/q)·log p at the target; log p/q tends to −1 as q does to 0.
  const odds = tf.mul(gammaPositive, tf.div(p, tf.maximum(q, 1e-30)));
  const bend = tf.where(target, odds, tf.fill(x.shape, -gammaNegative));
  const a = tf.mul<tf.Tensor2D>(factor, tf.sub(tf.mul(bend, log), 1));
  return {
    value: tf.neg(tf.sum<tf.Tensor1D>(tf.mul(factor, log), 1)),
    derivatives: [tf.sub(a, tf.mul(p, tf.sum(a, 1, true)))],
  };
}
