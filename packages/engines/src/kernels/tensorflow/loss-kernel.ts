import type { Kernel } from '../kernel.ts';
import { nativeKernel } from './native-kernel.ts';

const logisticInputs = ['logits', 'labels', 'shift', 'weights', 'known'];
const logisticAttributes = { positiveSlope: 'positive_slope', negativeSlope: 'negative_slope', gamma: 'gamma' };

/**
 * Whole losses over [B, C], with the gradient computed in the same pass, and weights for losses, by the ops of
 * `native/kernels`. They exist only for the CPU.
 *
 * The first input is [B, C]. The other matrices are broadcast to [B, C]. The last input is a scalar `scale`. The
 * outputs are [value [], gradient of the logits [B, C]], both multiplied by `scale`. Entries with `known` = 0 add
 * nothing, whatever their logit; a single 1 for `known` means that all are known.
 */
export const lossKernels: readonly Kernel[] = [
  /**
   * Σ w·|r|^γ·b over known entries, with s = s₊ where y > 0, else s₋; u = s·(x − ν); b = softplus(u) − y·u; r = σ(u) −
   * y. Inputs: shift ν, weights w, known. Attributes: positiveSlope s₊, negativeSlope s₋, gamma γ ≥ 0. If γ > 0 or the
   * slopes differ, labels must be 0 or 1.
   */
  lossKernel('LogisticLoss', logisticInputs, logisticAttributes),
  /** LogisticLoss with slopes 1, no shift and γ = 0. Its third output is the gradient of the labels, [B, C]. */
  lossKernel('SoftLabelLoss', logisticInputs, logisticAttributes, 3),
  /**
   * −Σ (1 − s)^γ·log max(s, epsilon) over known entries, with s = σ(x) where y > 0, else s = min(1 − σ(x) + clip, 1).
   * Attributes: gammaPositive, gammaNegative, clip, epsilon, and factorGradient, which is 1 to differentiate the factor
   * (1 − s)^γ, else 0.
   */
  lossKernel('AsymmetricLoss', ['logits', 'labels', 'known'], {
    gammaPositive: 'gamma_positive',
    gammaNegative: 'gamma_negative',
    clip: 'clip',
    epsilon: 'epsilon',
    factorGradient: 'factor_gradient',
  }),
  /** The asymmetric loss of a softmax with smoothed labels. Attributes: gammaPositive, gammaNegative, smoothing. */
  lossKernel('AsymmetricSingleLabelLoss', ['logits', 'labels'], {
    gammaPositive: 'gamma_positive',
    gammaNegative: 'gamma_negative',
    smoothing: 'smoothing',
  }),
  /**
   * −Σ w·(1 − s)^γ·log max(s, epsilon), with s = k·σ(x) and γ₊ where y > 0, else s = k·min(σ(−x) + clip, 1) and the
   * entry's own γ; s is at most 1. Inputs: weights w (0 for unknown entries), exponents γ, share k. Attributes:
   * gammaPositive γ₊, clip, epsilon, and factorGradient, which is 1 to differentiate the factor, else 0.
   */
  lossKernel('WeightedAsymmetricLoss', ['logits', 'labels', 'weights', 'exponents', 'share'], {
    gammaPositive: 'gamma_positive',
    clip: 'clip',
    epsilon: 'epsilon',
    factorGradient: 'factor_gradient',
  }),
  /** (1 − σ(x − margin))^γ times the cross-entropy of x − margin where y > 0, else (lambda − σ(x))·σ(x)². */
  lossKernel('HillLoss', ['logits', 'labels', 'known'], { lambda: 'lambda', margin: 'margin', gamma: 'gamma' }),
  /**
   * Ranks positives above negatives in rows (`images`: 1) and columns (`classes`: 1), with log-sum-exps of two
   * temperatures.
   */
  lossKernel('TwoWayLoss', ['logits', 'labels', 'known'], {
    positiveTemperature: 'positive_temperature',
    negativeTemperature: 'negative_temperature',
    classes: 'classes',
    images: 'images',
  }),
  /**
   * −Σ_c π·(a − s − lambda·s²), with a the mean of a class's own logits, and s its log-sum-exp over the batch plus a
   * constant [1, C].
   */
  lossKernel('LadeRegularizer', ['logits', 'labels', 'shares', 'constant'], { lambda: 'lambda' }),
  /**
   * 1 for the `count` unknown entries with the largest logits, of each row (`byImage`: 1) or of all; else 0. The result
   * is the second output. Input: known [B, C].
   */
  lossKernel('LikelyUnknown', ['logits', 'known'], { count: 'count', byImage: 'by_image' }),
  /**
   * Softmax cross-entropy of logits + offsets against the labels, divided by the sum of labels in each row. Offsets are
   * [1, C] or a single 0.
   */
  lossKernel('KPositiveLoss', ['logits', 'labels', 'offsets'], {}),
  /**
   * Pairwise hinge losses. Input: known [B, C] or a single 1. Attributes: margin, and averaged, which is 1 to divide by
   * the number of violations, else 0.
   */
  lossKernel('RankingLoss', ['logits', 'labels', 'known'], { margin: 'margin', averaged: 'averaged' }),
  /** α + σ(β·(i_c/Σ_j y_j·i_j − μ)) from labels y and inverse frequencies i [1, C]. The result is the second output. */
  lossKernel('RebalancedWeights', ['labels', 'inverse'], { alpha: 'alpha', beta: 'beta', mu: 'mu' }),
];

/**
 * @param matrices names of the input matrices @param attributes names of the op's attributes by those of the kernel;
 * all are numbers
 */
function lossKernel(
  name: string,
  matrices: readonly string[],
  attributes: Readonly<Record<string, string>>,
  outputs: number = 2,
): Kernel {
  return nativeKernel(name, { inputs: [...matrices, 'scale'], attributes, outputs });
}
