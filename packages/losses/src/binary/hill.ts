import { checkNumber } from '@ltml/tensor';
import * as tf from '@tensorflow/tfjs-core';
import {
  checkLossArguments,
  computeLoss,
  knownLogits,
  type LossTensors,
  type MaskedLossOptions,
} from '../core/checks.ts';
import { type Entries, entryLoss, type LossForms } from '../core/closed-form.ts';
import { expOfMinus, logOfOnePlus } from '../core/host.ts';
import { findLossKernel, type KernelPass } from '../core/loss-kernel.ts';
import { power } from '../core/power.ts';
import type { Reduced, Reduction } from '../core/reduction.ts';
import { entropyOf, entropyOfFar } from './logistic.ts';

/** Options of {@link hillLoss}. */
export interface HillLossOptions<R extends Reduction = Reduction> extends MaskedLossOptions<R> {
  /**
   * Default `sum`, as in the authors' code. The gradient scales with it, so tune the learning rate for the reduction.
   */
  readonly reduction?: R;
  /** λ: the loss of a negative is largest at a probability of 2λ/3. Default 1.5, so the largest loss is at 1. */
  readonly lambda?: number;
  /** m, subtracted from the logits of positives, default 1. */
  readonly margin?: number;
  /** Focal exponent γ ≥ 0 of positives, default 2. */
  readonly gamma?: number;
}

interface HillTerms {
  readonly lambda: number;
  readonly margin: number;
  readonly gamma: number;
}

/**
 * Hill loss, for data sets where only some positives are labelled, in nats. Missing labels count as absent. A negative
 * with a high probability is probably a missing positive, so its gradient falls towards 0.
 *
 *     ℓ = −(1 − q)^γ·log q, q = σ(x − m)   where a class is present
 *     ℓ = (λ − p)·p², p = σ(x)             where it is absent
 *
 * Axes: B images, C classes.
 *
 * @param logits [B, C] raw scores
 * @param labels [B, C] 1 present, 0 absent or missing
 * @returns a scalar, or [B, C] for `reduction: 'none'`; `mean` divides by the number of known entries
 * @throws OptionError, ShapeError; DataError on labels other than 0 and 1, see `checkLabelTensor` of `@ltml/tensor`
 *
 * Edge cases: finite for every finite logit; the authors' float32 code is infinite below −87. The gradient flows
 * through the focal factor.
 * Source: Zhang et al., Simple and Robust Loss Design for Multi-Label Learning with Missing Labels, 2021, and their
 * code.
 */
export function hillLoss<R extends Reduction = 'sum'>(
  logits: tf.Tensor2D,
  labels: tf.Tensor2D,
  options: HillLossOptions<R> = {},
): Reduced<R> {
  const where = 'hillLoss';
  checkLossArguments(where, logits, labels, options, { own: ['known', 'lambda', 'margin', 'gamma'] });
  const { reduction = 'sum' as R, lambda = 1.5, margin = 1, gamma = 2 } = options;
  checkNumber(where, 'options.lambda', lambda, { min: 1 });
  checkNumber(where, 'options.margin', margin);
  checkNumber(where, 'options.gamma', gamma, { min: 0 });
  const terms = { lambda, margin, gamma };
  return computeLoss({ logits, labels, known: options.known }, (tensors) => {
    const { known } = tensors;
    const forms: LossForms<tf.Tensor2D> = {
      compose: (careful) => hillEntries(tensors, terms, careful),
      byKernel: hillKernel(tensors, terms),
      onHost: ([byLogit], scale) => hillPass(tensors, terms, byLogit, scale),
    };
    return entryLoss([tensors.logits], forms, { reduction, ...(known && { counted: known }) });
  });
}

function hillKernel({ logits, labels, known }: LossTensors, terms: HillTerms): KernelPass | undefined {
  const kernel = findLossKernel('ltml/HillLoss');
  if (!kernel) return undefined;
  return (scale) => kernel({ logits, labels, known: known ?? tf.ones([1, 1]), scale }, { ...terms });
}

/** For positives, with u = −(x − m) and r = σ(u): r^γ·softplus(u), derivative −r^γ·(r + γ·(1 − r)·softplus(u)). */
function hillEntries(
  { logits, labels, known }: LossTensors,
  { lambda, margin, gamma }: HillTerms,
  careful: boolean,
): Entries {
  const x = knownLogits(logits, known, careful);
  const positive = tf.cast(labels, 'bool');
  const u = tf.sub<tf.Tensor2D>(margin, x);
  const r = tf.sigmoid(u);
  const entropy = entropyOf(u, careful);
  const focus = power(r, gamma);
  const bend = tf.mul(gamma, tf.sub(entropy, tf.mul(r, entropy)));
  const p = tf.sigmoid(x);
  const square = tf.square(p);
  const steep = tf.mul<tf.Tensor2D>(square, tf.mul(tf.sub(2 * lambda, tf.mul(p, 3)), tf.sigmoid(tf.neg(x))));
  const value = tf.where<tf.Tensor2D>(
    positive,
    tf.mul<tf.Tensor2D>(focus, entropy),
    tf.mul<tf.Tensor2D>(tf.sub(lambda, p), square),
  );
  const derivative = tf.where<tf.Tensor2D>(positive, tf.neg(tf.mul<tf.Tensor2D>(focus, tf.add(r, bend))), steep);
  return {
    value: known ? tf.mul(value, known) : value,
    derivatives: [known ? tf.mul(derivative, known) : derivative],
  };
}

/** {@link hillEntries} on the host: the sum of the values, and the derivatives times `scale` in `byLogit`. */
function hillPass(
  { logits, labels, known }: LossTensors,
  { lambda, margin, gamma }: HillTerms,
  byLogit: Float32Array,
  scale: number,
): number {
  const x = logits.dataSync();
  const y = labels.dataSync();
  const mask = known?.dataSync();
  let sum = 0;
  for (let i = 0; i < x.length; i++) {
    if (mask && mask[i] === 0) continue;
    const positive = y[i] > 0;
    const u = positive ? margin - x[i] : x[i];
    const e = expOfMinus(Math.abs(u));
    const r = (u >= 0 ? 1 : e) / (1 + e);
    const rest = (u >= 0 ? e : 1) / (1 + e);
    if (positive) {
      const entropy = e === 0 ? entropyOfFar(u) : Math.max(u, 0) + logOfOnePlus(e);
      const focus = gamma === 0 ? 1 : gamma === 2 ? r * r : r ** gamma;
      sum += focus * entropy;
      byLogit[i] = -scale * focus * (r + gamma * rest * entropy);
    } else {
      sum += (lambda - r) * r * r;
      byLogit[i] = scale * r * r * (2 * lambda - 3 * r) * rest;
    }
  }
  return sum;
}
