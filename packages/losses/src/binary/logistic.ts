import * as tf from '@tensorflow/tfjs-core';
import { knownLogits } from '../core/checks.ts';
import { type Entries, type LossForms, product } from '../core/closed-form.ts';
import { expOfMinus, type HostMatrix, logOfOnePlus, readMatrix } from '../core/host.ts';
import { findLossKernel, type KernelPass } from '../core/loss-kernel.ts';
import { power } from '../core/power.ts';

/** The parameters of one loss of the logistic family. */
export interface LogisticTerms {
  /** [B, C] 1 present, 0 absent. */
  readonly labels: tf.Tensor2D;
  /** ν, subtracted from the logits: broadcasts to [B, C]. */
  readonly shift?: tf.Tensor2D | undefined;
  /** s₊, multiplies the logits of positives; default 1. */
  readonly positiveSlope?: number;
  /** s₋, multiplies the logits of negatives; default 1. */
  readonly negativeSlope?: number;
  /** Exponent γ ≥ 0 of the focal factor; default 0, no focal factor. */
  readonly gamma?: number;
  /** w, multiplies the entries: broadcasts to [B, C]. */
  readonly weights?: tf.Tensor2D | undefined;
  /** [B, C] 0 for entries that add nothing, whatever their logit; default all 1. */
  readonly known?: tf.Tensor2D | undefined;
}

/**
 * w·σ(u)^γ·softplus(u), with u = −s₊·(x − ν) for positives and u = s₋·(x − ν) for negatives.
 *
 * softplus(u) is the cross-entropy b of a binary label, and 1 − p_t = 1 − e^{−b} = σ(u), so the focal factor keeps its
 * precision. Derivative with respect to u: w·σ(u)^γ·(σ(u) + γ·(1 − σ(u))·b). No exponent is negative for any γ ≥ 0.
 */
export function logisticEntries(x: tf.Tensor2D, terms: LogisticTerms, careful: boolean): Entries {
  const { gamma = 0, weights, known } = terms;
  const { slope, u } = signedLogits(knownLogits(x, known, careful), terms);
  const probability = tf.sigmoid(u);
  const entropy = entropyOf(u, careful);
  const factor = product([gamma > 0 ? power(probability, gamma) : undefined, weights, known]);
  const focused = (): tf.Tensor => tf.mul(gamma, tf.sub(entropy, tf.mul(probability, entropy)));
  const along = tf.mul<tf.Tensor2D>(slope, gamma > 0 ? tf.add(probability, focused()) : probability);
  return {
    value: factor ? tf.mul(factor, entropy) : entropy,
    derivatives: [factor ? tf.mul(factor, along) : along],
  };
}

/** {@link LogisticTerms} in host memory. */
export interface HostLogisticTerms extends Omit<LogisticTerms, 'shift' | 'weights'> {
  readonly shift: HostMatrix;
  readonly weights: HostMatrix;
}

/** {@link logisticEntries} as ops and on the host; the terms are made when a form needs them. */
export function logisticForms(
  logits: tf.Tensor2D,
  makeTerms: () => LogisticTerms,
  makeHostTerms: () => HostLogisticTerms = () => readTerms(makeTerms()),
): LossForms<tf.Tensor2D> {
  return {
    compose: (careful) => logisticEntries(logits, makeTerms(), careful),
    byKernel: logisticKernel(logits, makeTerms),
    onHost: ([byLogit], scale) => logisticPass(logits, makeHostTerms(), byLogit, scale),
  };
}

/**
 * {@link logisticEntries} by a kernel of the active engine; undefined if it has none.
 *
 * Labels may be soft if the slopes are equal and γ is 0: an entry is then w·(softplus(u) − y·u), u = s·(x − ν).
 *
 * @param byLabels also gives the derivative −w·x with respect to the labels, for a loss without shift, slopes and focal
 *   factor
 */
export function logisticKernel(
  logits: tf.Tensor2D,
  makeTerms: () => LogisticTerms,
  byLabels: boolean = false,
): KernelPass | undefined {
  const kernel = findLossKernel(byLabels ? 'ltml/SoftLabelLoss' : 'ltml/LogisticLoss');
  if (!kernel) return undefined;
  return (scale) => {
    const terms = makeTerms();
    const one = tf.ones<tf.Rank.R2>([1, 1]);
    const { labels, positiveSlope = 1, negativeSlope = 1, gamma = 0, weights = one, known = one } = terms;
    const shift = terms.shift ?? tf.zeros<tf.Rank.R2>([1, 1]);
    return kernel({ logits, labels, shift, weights, known, scale }, { positiveSlope, negativeSlope, gamma });
  };
}

function readTerms(terms: LogisticTerms): HostLogisticTerms {
  return { ...terms, shift: readMatrix(terms.shift, 0), weights: readMatrix(terms.weights, 1) };
}

/** The sum of the values, and the derivatives times `scale` in `byLogit`. */
function logisticPass(logits: tf.Tensor2D, terms: HostLogisticTerms, byLogit: Float32Array, scale: number): number {
  const { positiveSlope = 1, negativeSlope = 1, gamma = 0, shift, weights } = terms;
  const [B, C] = logits.shape;
  const x = logits.dataSync();
  const y = terms.labels.dataSync();
  const mask = terms.known?.dataSync();
  let sum = 0;
  for (let b = 0; b < B; b++) {
    for (let c = 0; c < C; c++) {
      const i = b * C + c;
      if (mask && mask[i] === 0) continue;
      const slope = y[i] > 0 ? -positiveSlope : negativeSlope;
      const u = slope * (x[i] - shift.values[b * shift.rowStep + c * shift.columnStep]);
      const e = expOfMinus(Math.abs(u));
      const probability = (u >= 0 ? 1 : e) / (1 + e);
      const entropy = e === 0 ? entropyOfFar(u) : Math.max(u, 0) + logOfOnePlus(e);
      const focus = gamma === 0 ? 1 : gamma === 2 ? probability * probability : probability ** gamma;
      const factor = focus * weights.values[b * weights.rowStep + c * weights.columnStep];
      sum += factor * entropy;
      byLogit[i] = scale * factor * slope * (probability + gamma * (1 - probability) * entropy);
    }
  }
  return sum;
}

/**
 * softplus(u), the cross-entropy. −∞ gives NaN, as in PyTorch, so that a network with broken weights is noticed.
 *
 * @param careful if false, +∞ may give NaN too, see `LossForms.compose`
 */
export function entropyOf(u: tf.Tensor2D, careful: boolean = true): tf.Tensor2D {
  return tf.add(tf.softplus(u), tf.mul(careful ? tf.relu(tf.neg(u)) : u, 0));
}

/** {@link entropyOf} on the host where e^−|u| is 0: u is beyond ±104, or infinite. */
export function entropyOfFar(u: number): number {
  return u === -Infinity ? Number.NaN : Math.max(u, 0);
}

/** u and ∂u/∂x; the latter is −s₊ for positives and s₋ for negatives. */
export function signedLogits(x: tf.Tensor2D, terms: LogisticTerms): { slope: tf.Tensor2D; u: tf.Tensor2D } {
  const { labels, shift, positiveSlope = 1, negativeSlope = 1 } = terms;
  const slope = tf.sub<tf.Tensor2D>(negativeSlope, tf.mul(labels, positiveSlope + negativeSlope));
  return { slope, u: tf.mul(slope, shift ? tf.sub(x, shift) : x) };
}
