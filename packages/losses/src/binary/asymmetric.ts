import { checkFlag, checkNumber } from '@ltml/tensor';
import * as tf from '@tensorflow/tfjs-core';
import {
  checkLossArguments,
  computeLoss,
  knownLogits,
  type LossTensors,
  type MaskedLossOptions,
} from '../core/checks.ts';
import { type Entries, entryLoss, type LossForms } from '../core/closed-form.ts';
import { expOfMinus } from '../core/host.ts';
import { findLossKernel, type KernelPass } from '../core/loss-kernel.ts';
import { power } from '../core/power.ts';
import type { Reduced, Reduction } from '../core/reduction.ts';

/** Options of {@link asymmetricLoss}. */
export interface AsymmetricLossOptions<R extends Reduction = Reduction> extends MaskedLossOptions<R> {
  /**
   * Default `sum`, as published; CPRFL uses `mean`. The gradient scales with it, so tune the learning rate for the
   * reduction.
   */
  readonly reduction?: R;
  /** Focal exponent γ₋ ≥ 0 of negatives, default 4. */
  readonly gammaNegative?: number;
  /** Focal exponent γ₊ ≥ 0 of positives, default 1; the authors' training scripts use 0. */
  readonly gammaPositive?: number;
  /** Probability shift of negatives, in [0, 1), default 0.05. A negative below it has loss 0 and gradient 0. */
  readonly clip?: number;
  /** Smallest probability in a logarithm, in (0, 1], default 1e-8. */
  readonly epsilon?: number;
  /** Lets the gradient flow through the focal factor too; default false, as in the authors' training scripts. */
  readonly factorGradient?: boolean;
}

const ownOptions = ['known', 'gammaNegative', 'gammaPositive', 'clip', 'epsilon', 'factorGradient'];

/**
 * Asymmetric loss (ASL) for multi-label classification, in nats.
 *
 *     p = σ(x),  p_m = max(p − clip, 0)
 *     ℓ = −(1 − p)^{γ₊}·log p   where a class is present
 *     ℓ = −p_m^{γ₋}·log(1 − p_m)   where it is absent
 *
 * Axes: B images, C classes.
 *
 * @param logits [B, C] raw scores
 * @param labels [B, C] 1 present, 0 absent
 * @returns a scalar, or [B, C] for `reduction: 'none'`; `mean` divides by the number of known entries
 * @throws OptionError, ShapeError; DataError on labels other than 0 and 1, see `checkLabelTensor` of `@ltml/tensor`
 *
 * Edge cases: a negative with p < clip costs exactly 0 and has no gradient. Where a probability is below `epsilon`, the
 * loss stays at −log(epsilon) = 18.4 and has no gradient through the logarithm. That happens to positives with a logit
 * below −18.4. In float32 it also happens to negatives with a logit above about 17 if `clip` is 0, because 1 − p is
 * then 0.
 * Source: Ridnik et al., ICCV 2021, equations 4–7; clamps and defaults of their code's `AsymmetricLoss`.
 */
export function asymmetricLoss<R extends Reduction = 'sum'>(
  logits: tf.Tensor2D,
  labels: tf.Tensor2D,
  options: AsymmetricLossOptions<R> = {},
): Reduced<R> {
  const where = 'asymmetricLoss';
  checkLossArguments(where, logits, labels, options, { own: ownOptions });
  const { reduction = 'sum' as R, gammaNegative = 4, gammaPositive = 1, clip = 0.05, epsilon = 1e-8 } = options;
  const { factorGradient = false } = options;
  const terms = { gammaNegative, gammaPositive, clip, epsilon, factorGradient };
  checkNumber(where, 'options.gammaNegative', terms.gammaNegative, { min: 0 });
  checkNumber(where, 'options.gammaPositive', terms.gammaPositive, { min: 0 });
  checkNumber(where, 'options.clip', terms.clip, { min: 0, below: 1 });
  checkNumber(where, 'options.epsilon', terms.epsilon, { above: 0, max: 1 });
  checkFlag(where, 'options.factorGradient', terms.factorGradient);
  return computeLoss({ logits, labels, known: options.known }, (tensors) => {
    const { known } = tensors;
    const forms: LossForms<tf.Tensor2D> = {
      compose: () => asymmetricEntries(tensors, terms),
      byKernel: asymmetricKernel(tensors, terms),
      onHost: ([byLogit], scale) => asymmetricPass(tensors, terms, byLogit, scale),
    };
    return entryLoss([tensors.logits], forms, { reduction, ...(known && { counted: known }) });
  });
}

type AsymmetricTerms = Required<
  Pick<AsymmetricLossOptions, 'gammaNegative' | 'gammaPositive' | 'clip' | 'epsilon' | 'factorGradient'>
>;

/**
 * One formula for both kinds of labels. With s = p for positives and s = min(1 − p + clip, 1) for negatives, an entry
 * is −t^γ·log max(s, ε), where t = 1 − s. Its derivative is s'·t^γ·(−1/s + γ·log(s)/t); the second term belongs to
 * `factorGradient`.
 *
 * The clamps pass gradient at their bounds, as PyTorch's do.
 */
function asymmetricEntries(
  { logits, labels, known }: LossTensors,
  { gammaNegative, gammaPositive, clip, epsilon, factorGradient }: AsymmetricTerms,
): Entries {
  const x = knownLogits(logits, known);
  const positive = tf.cast(labels, 'bool');
  const p = tf.sigmoid(x);
  const q = tf.sub(1, p);
  const lifted = clip > 0 ? tf.add(q, clip) : q;
  const s = tf.where(positive, p, clip > 0 ? tf.minimum(lifted, 1) : q);
  const floored = tf.maximum(s, epsilon);
  const log = tf.log(floored);
  const t = tf.sub(1, s);
  const factor =
    gammaPositive === gammaNegative
      ? power(t, gammaPositive)
      : tf.where(positive, power(t, gammaPositive), power(t, gammaNegative));
  const passes = tf.cast(tf.greaterEqual(s, epsilon), 'float32');
  const throughLog = tf.div(passes, floored);
  // At t = 0 the factor in front is 0 too, so it is enough to avoid 0/0.
  const gamma = tf.add(gammaNegative, tf.mul(labels, gammaPositive - gammaNegative));
  const throughFactor = factorGradient && tf.div(tf.mul(gamma, log), tf.maximum(t, 1e-30));
  const inside = tf.cast(tf.lessEqual(lifted, 1), 'float32');
  const direction = tf.where(positive, tf.onesLike(x), tf.neg(inside));
  const weighted = known ? tf.mul(factor, known) : factor;
  const slope = tf.mul(tf.mul(weighted, direction), tf.mul(p, q));
  return {
    value: tf.mul<tf.Tensor2D>(weighted, tf.neg(log)),
    derivatives: [tf.mul(slope, throughFactor ? tf.sub(throughFactor, throughLog) : tf.neg(throughLog))],
  };
}

/** {@link asymmetricEntries} by a kernel of the active engine; undefined if it has none. */
function asymmetricKernel(
  { logits, labels, known }: LossTensors,
  { factorGradient, ...numbers }: AsymmetricTerms,
): KernelPass | undefined {
  const kernel = findLossKernel('ltml/AsymmetricLoss');
  if (!kernel) return undefined;
  const attributes = { ...numbers, factorGradient: Number(factorGradient) };
  return (scale) => kernel({ logits, labels, known: known ?? tf.ones([1, 1]), scale }, attributes);
}

/**
 * {@link asymmetricEntries} on the host: the sum of the values, and the derivatives times `scale` in `byLogit`.
 *
 * Probabilities and 1 + e^−x are rounded to float32, as the tensor ops round them. So 1 − p of a confident positive
 * equals PyTorch's, and the clamps act where it becomes 0.
 */
function asymmetricPass(
  { logits, labels, known }: LossTensors,
  { gammaNegative, gammaPositive, clip, epsilon, factorGradient }: AsymmetricTerms,
  byLogit: Float32Array,
  scale: number,
): number {
  const x = logits.dataSync();
  const y = labels.dataSync();
  const mask = known?.dataSync();
  let sum = 0;
  for (let i = 0; i < x.length; i++) {
    if (mask && mask[i] === 0) continue;
    const e = expOfMinus(Math.abs(x[i]));
    const p = Math.fround((x[i] >= 0 ? 1 : e) / Math.fround(1 + e));
    const q = Math.fround(1 - p);
    const positive = y[i] > 0;
    const lifted = Math.fround(q + Math.fround(clip));
    const s = positive ? p : Math.min(lifted, 1);
    const t = Math.fround(1 - s);
    const gamma = positive ? gammaPositive : gammaNegative;
    const floored = Math.max(s, epsilon);
    const log = Math.log(floored);
    const square = t * t;
    const factor = gamma === 0 ? 1 : gamma === 1 ? t : gamma === 4 ? square * square : t ** gamma;
    sum -= factor * log;
    const throughLog = s >= epsilon ? 1 / floored : 0;
    const throughFactor = factorGradient ? (gamma * log) / Math.max(t, 1e-30) : 0;
    const direction = positive ? 1 : lifted <= 1 ? -1 : 0;
    byLogit[i] = scale * factor * direction * p * q * (throughFactor - throughLog);
  }
  return sum;
}
