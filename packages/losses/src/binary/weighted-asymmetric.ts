import * as tf from '@tensorflow/tfjs-core';
import { knownLogits } from '../core/checks.ts';
import { type Entries, type LossForms, product } from '../core/closed-form.ts';
import { expOfMinus, readMatrix } from '../core/host.ts';
import { findLossKernel, type KernelPass } from '../core/loss-kernel.ts';
import { power } from '../core/power.ts';

/** The parameters of one loss of the asymmetric family whose weights and exponents differ between entries. */
export interface WeightedAsymmetricTerms {
  /** [B, C] 1 present, 0 absent. */
  readonly labels: tf.Tensor2D;
  /** w ≥ 0, multiplies the entries: broadcasts to [B, C]; default 1. */
  readonly weights?: tf.Tensor2D | undefined;
  /** γ₋ ≥ 0 of negatives: broadcasts to [B, C]. */
  readonly exponents: tf.Tensor2D;
  /** k > 0, multiplies the probabilities: broadcasts to [B, C]; default 1. */
  readonly share?: tf.Tensor2D | undefined;
  /** [B, C] 0 for entries that add nothing, whatever their logit; default all 1. */
  readonly known?: tf.Tensor2D | undefined;
}

/** The numbers of the asymmetric family that are the same for all entries. */
export interface WeightedAsymmetricOptions {
  /** γ₊ ≥ 0 of positives. */
  readonly gammaPositive: number;
  readonly clip: number;
  readonly epsilon: number;
  readonly factorGradient: boolean;
}

/**
 * −w·(1 − s)^γ·log max(s, ε), with s = min(k·σ(x), 1) where the class is present, else min(k·min(σ(−x) + clip, 1), 1).
 *
 * Terms are made when a form needs them. σ(−x) is computed directly, because 1 − σ(x) has no digits left from a logit
 * of 17 on. The clamps pass the gradient at their bounds, as in PyTorch.
 */
export function weightedAsymmetricForms(
  logits: tf.Tensor2D,
  options: WeightedAsymmetricOptions,
  makeTerms: () => WeightedAsymmetricTerms,
): LossForms<tf.Tensor2D> {
  return {
    compose: () => weightedAsymmetricEntries(logits, makeTerms(), options),
    byKernel: weightedAsymmetricKernel(logits, options, makeTerms),
    onHost: ([byLogit], scale) => weightedAsymmetricPass(logits, makeTerms(), options, byLogit, scale),
  };
}

/** By a kernel of the active engine; undefined if it has none. The kernel treats an entry of weight 0 as unknown. */
function weightedAsymmetricKernel(
  logits: tf.Tensor2D,
  options: WeightedAsymmetricOptions,
  makeTerms: () => WeightedAsymmetricTerms,
): KernelPass | undefined {
  const kernel = findLossKernel('ltml/WeightedAsymmetricLoss');
  if (!kernel) return undefined;
  const attributes = { ...options, factorGradient: Number(options.factorGradient) };
  return (scale) => {
    const { labels, weights, exponents, share, known } = makeTerms();
    const one = tf.ones<tf.Rank.R2>([1, 1]);
    const factors = product([weights, known]) ?? one;
    return kernel({ logits, labels, weights: factors, exponents, share: share ?? one, scale }, attributes);
  };
}

function weightedAsymmetricEntries(
  logits: tf.Tensor2D,
  { labels, weights, exponents, share, known }: WeightedAsymmetricTerms,
  { gammaPositive, clip, epsilon, factorGradient }: WeightedAsymmetricOptions,
): Entries {
  const x = knownLogits(logits, known);
  const positive = tf.cast(labels, 'bool');
  const p = tf.sigmoid(x);
  const q = tf.sigmoid(tf.neg(x));
  const lifted = clip > 0 ? tf.add(q, clip) : q;
  const chosen = tf.where(positive, p, clip > 0 ? tf.minimum(lifted, 1) : q);
  const shared = share ? tf.mul(chosen, share) : chosen;
  const s = share ? tf.minimum(shared, 1) : chosen;
  const floored = tf.maximum(s, epsilon);
  const log = tf.log(floored);
  const t = tf.sub<tf.Tensor2D>(1, s);
  const factor = product([
    tf.where<tf.Tensor2D>(positive, power(t, gammaPositive), tf.pow<tf.Tensor2D>(t, exponents)),
    weights,
    known,
  ]);
  const throughLog = tf.div(tf.cast(tf.greaterEqual(s, epsilon), 'float32'), floored);
  // At t = 0 the factor in front is 0 too, so it is enough to avoid 0/0.
  const gamma = tf.add(tf.mul(exponents, tf.sub(1, labels)), tf.mul(labels, gammaPositive));
  const through = factorGradient
    ? tf.sub(tf.div(tf.mul(gamma, log), tf.maximum(t, 1e-30)), throughLog)
    : tf.neg(throughLog);
  const inside = tf.cast(tf.logicalAnd(tf.lessEqual(lifted, 1), tf.lessEqual(shared, 1)), 'float32');
  const direction = tf.sub(labels, tf.mul(tf.sub(1, labels), inside));
  const slope = product([tf.mul(tf.mul(p, q), direction) as tf.Tensor2D, share]) as tf.Tensor2D;
  return {
    value: tf.neg(tf.mul<tf.Tensor2D>(factor as tf.Tensor2D, log)),
    derivatives: [tf.mul<tf.Tensor2D>(tf.mul(factor as tf.Tensor2D, slope), through)],
  };
}

/** {@link weightedAsymmetricEntries} on the host: returns the sum, writes derivatives times `scale` into `byLogit`. */
function weightedAsymmetricPass(
  logits: tf.Tensor2D,
  terms: WeightedAsymmetricTerms,
  { gammaPositive, clip, epsilon, factorGradient }: WeightedAsymmetricOptions,
  byLogit: Float32Array,
  scale: number,
): number {
  const [B, C] = logits.shape;
  const x = logits.dataSync();
  const y = terms.labels.dataSync();
  const mask = terms.known?.dataSync();
  const w = readMatrix(terms.weights, 1);
  const g = readMatrix(terms.exponents, 0);
  const k = readMatrix(terms.share, 1);
  let sum = 0;
  for (let b = 0; b < B; b++) {
    for (let c = 0; c < C; c++) {
      const i = b * C + c;
      if (mask && mask[i] === 0) continue;
      const e = expOfMinus(Math.abs(x[i]));
      const p = (x[i] >= 0 ? 1 : e) / (1 + e);
      const q = (x[i] >= 0 ? e : 1) / (1 + e);
      const positive = y[i] > 0;
      const lifted = Math.fround(q + Math.fround(clip));
      const share = k.values[b * k.rowStep + c * k.columnStep];
      const shared = (positive ? p : Math.min(lifted, 1)) * share;
      const s = Math.min(shared, 1);
      const t = 1 - s;
      const gamma = positive ? gammaPositive : g.values[b * g.rowStep + c * g.columnStep];
      const log = Math.log(Math.max(s, epsilon));
      const factor = w.values[b * w.rowStep + c * w.columnStep] * (gamma === 0 ? 1 : gamma === 1 ? t : t ** gamma);
      sum -= factor * log;
      const throughLog = s >= epsilon ? 1 / s : 0;
      const throughFactor = factorGradient ? (gamma * log) / Math.max(t, 1e-30) : 0;
      const direction = positive ? 1 : lifted <= 1 && shared <= 1 ? -1 : 0;
      byLogit[i] = scale * factor * share * direction * p * q * (throughFactor - throughLog);
    }
  }
  return sum;
}
