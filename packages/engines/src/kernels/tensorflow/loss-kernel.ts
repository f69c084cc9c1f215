import type { Kernel } from '../kernel.ts';
import { nativeKernel } from './native-kernel.ts';

const logisticInputs = ['logits', 'labels', 'shift', 'weights', 'known'];
const logisticAttributes = { positiveSlope: 'positive_slope', negativeSlope: 'negative_slope', gamma: 'gamma' };

/**
 * Whole losses over [B, C], value and gradient together, and weights for them, by the ops of `native/kernels`. Each takes
 * matrices that broadcast to [B, C], the first without, and a scalar `scale`; it gives [value [], gradient by the logits
 * [B, C]], both times the scale. An entry whose `known` is 0 adds nothing, whatever its logit; one 1 for `known` says
 * that all are known. The ops are on the CPU alone.
 */
export const lossKernels: readonly Kernel[] = [
  /**
   * With s = s₊ where y > 0, else s₋, u = s·(x − ν), b = softplus(u) − y·u and r = σ(u) − y: Σ w·|r|^γ·b over what is known.
   * Inputs shift ν, weights w and known; attributes positiveSlope s₊, negativeSlope s₋, gamma γ ≥ 0. For γ > 0 or unequal
   * slopes the labels are 0 or 1.
   */
  lossKernel('LogisticLoss', logisticInputs, logisticAttributes),
  /** The same with slopes of 1, no shift and γ = 0, which gives the gradient by the labels [B, C], too. */
  lossKernel('SoftLabelLoss', logisticInputs, logisticAttributes, 3),
  /**
   * With s = σ(x) where y > 0, else min(1 − σ(x) + clip, 1): −Σ (1 − s)^γ·log max(s, epsilon) over what is known.
   * Attributes gammaPositive, gammaNegative, clip, epsilon, and factorGradient: 1 to differentiate the factor, 0 not.
   */
  lossKernel('AsymmetricLoss', ['logits', 'labels', 'known'], {
    gammaPositive: 'gamma_positive',
    gammaNegative: 'gamma_negative',
    clip: 'clip',
    epsilon: 'epsilon',
    factorGradient: 'factor_gradient',
  }),
  /** The same over a softmax with smoothed labels; attributes gammaPositive, gammaNegative, smoothing. */
  lossKernel('AsymmetricSingleLabelLoss', ['logits', 'labels'], {
    gammaPositive: 'gamma_positive',
    gammaNegative: 'gamma_negative',
    smoothing: 'smoothing',
  }),
  /**
   * With s = k·σ(x) and γ₊ where y > 0, else k·min(σ(−x) + clip, 1) and the entry's own γ, s at most 1:
   * −Σ w·(1 − s)^γ·log max(s, epsilon). Inputs weights w, where 0 says that an entry is not known, exponents γ and share k;
   * attributes gammaPositive γ₊, clip, epsilon, and factorGradient: 1 to differentiate the factor, 0 not.
   */
  lossKernel('WeightedAsymmetricLoss', ['logits', 'labels', 'weights', 'exponents', 'share'], {
    gammaPositive: 'gamma_positive',
    clip: 'clip',
    epsilon: 'epsilon',
    factorGradient: 'factor_gradient',
  }),
  /** (1 − σ(x − margin))^γ times the cross-entropy of x − margin where y > 0, else (lambda − σ(x))·σ(x)². */
  lossKernel('HillLoss', ['logits', 'labels', 'known'], { lambda: 'lambda', margin: 'margin', gamma: 'gamma' }),
  /** Positives above negatives in rows (`images`: 1) and columns (`classes`: 1), by log-sum-exps of two temperatures. */
  lossKernel('TwoWayLoss', ['logits', 'labels', 'known'], {
    positiveTemperature: 'positive_temperature',
    negativeTemperature: 'negative_temperature',
    classes: 'classes',
    images: 'images',
  }),
  /** −Σ_c π·(a − s − lambda·s²), a a class's mean own logit, s its log-sum-exp over the batch plus a constant [1, C]. */
  lossKernel('LadeRegularizer', ['logits', 'labels', 'shares', 'constant'], { lambda: 'lambda' }),
  /**
   * 1 for the `count` unknown entries with the largest logits, of each row (`byImage`: 1) or of all, where losses give the
   * gradient; input known [B, C].
   */
  lossKernel('LikelyUnknown', ['logits', 'known'], { count: 'count', byImage: 'by_image' }),
  /** Softmax cross-entropy of logits + offsets [1, C], or one 0, against the labels, divided by their sum in each row. */
  lossKernel('KPositiveLoss', ['logits', 'labels', 'offsets'], {}),
  /** Pairwise hinges; input known [B, C] or one 1; attributes margin, and averaged: 1 to divide by the violations, 0 not. */
  lossKernel('RankingLoss', ['logits', 'labels', 'known'], { margin: 'margin', averaged: 'averaged' }),
  /** α + σ(β·(i_c/Σ_j y_j·i_j − μ)) from labels y and inverse frequencies i [1, C], where losses give the gradient. */
  lossKernel('RebalancedWeights', ['labels', 'inverse'], { alpha: 'alpha', beta: 'beta', mu: 'mu' }),
];

/** @param attributes the op's names by the kernel's; all are numbers */
function lossKernel(
  name: string,
  matrices: readonly string[],
  attributes: Readonly<Record<string, string>>,
  outputs: number = 2,
): Kernel {
  return nativeKernel(name, { inputs: [...matrices, 'scale'], attributes, outputs });
}
