import { checkNumber, checkShapes } from '@ltml/tensor';
import * as tf from '@tensorflow/tfjs-core';
import {
  asFloats,
  checkLossArguments,
  computeLoss,
  knownLogits,
  type LossTensors,
  type MaskedLossOptions,
} from '../core/checks.ts';
import { type Entries, entryLoss, type LossForms, product } from '../core/closed-form.ts';
import { expOfMinus, logOfOnePlus, readMatrix } from '../core/host.ts';
import { power } from '../core/power.ts';
import type { Reduced, Reduction } from '../core/reduction.ts';
import { entropyOf, entropyOfFar, logisticForms, signedLogits } from './logistic.ts';

/** Options of {@link focalLoss}. */
export interface FocalLossOptions<R extends Reduction = Reduction> extends MaskedLossOptions<R> {
  /** Focal exponent γ ≥ 0, default 2: Lin et al., ICCV 2017. With 0 the loss is `balance` times the cross-entropy. */
  readonly gamma?: number;
  /** Factor of positives and negatives alike, default 0.25: `balance_param` in the code of Wu et al. */
  readonly balance?: number;
  /**
   * [B, C] ≥ 0, any dtype. It multiplies the log-probability, so p_t becomes p_t^v; see the source of
   * {@link focalLoss}.
   */
  readonly weight?: tf.Tensor2D;
}

/**
 * Focal loss for binary labels, in nats: balance·(1 − p_t)^γ·a for each entry. Here a = v·softplus(∓x) is the
 * (weighted) cross-entropy and p_t = e^{−a}.
 *
 * Axes: B images, C classes.
 *
 * @param logits [B, C] raw scores
 * @param labels [B, C] 1 present, 0 absent
 * @returns a scalar, or [B, C] for `reduction: 'none'`; `mean` divides by B·C, whether labels are known or not
 * @throws OptionError, ShapeError; DataError on labels other than 0 and 1, see `checkLabelTensor` of `@ltml/tensor`
 *
 * The gradient flows through p_t. Value and gradient are finite for every finite logit and every γ ≥ 0. An infinite
 * logit gives NaN on the right side, infinity on the wrong side.
 * Source: `FocalLoss` of the code of Wu et al., ECCV 2020. It differs from Lin et al. in two ways: `balance` is the
 * same for positives and negatives (not α and 1 − α), and a weight v changes p_t too. For a weight outside the focal
 * factor use `distributionBalancedLoss`.
 */
export function focalLoss<R extends Reduction = 'mean'>(
  logits: tf.Tensor2D,
  labels: tf.Tensor2D,
  options: FocalLossOptions<R> = {},
): Reduced<R> {
  const where = 'focalLoss';
  checkLossArguments(where, logits, labels, options, { own: ['known', 'gamma', 'balance', 'weight'] });
  const { reduction = 'mean' as R, gamma = 2, balance = 0.25, weight } = options;
  checkNumber(where, 'options.gamma', gamma, { min: 0 });
  checkNumber(where, 'options.balance', balance, { min: 0 });
  if (weight) checkShapes(where, { logits: [logits, 'B C'], 'options.weight': [weight, 'B C'] });
  return computeLoss({ logits, labels, known: options.known }, (tensors) => {
    const { labels: y, known } = tensors;
    const forms = weight
      ? weightedForms(tensors, gamma, asFloats(weight))
      : logisticForms(tensors.logits, () => ({ labels: y, gamma, known }));
    return entryLoss([tensors.logits], forms, { reduction, factor: balance });
  });
}

function weightedForms(tensors: LossTensors, gamma: number, weight: tf.Tensor2D): LossForms<tf.Tensor2D> {
  return {
    compose: (careful) => focalEntries(tensors, gamma, weight, careful),
    onHost: ([byLogit], scale) => focalPass(tensors, gamma, weight, byLogit, scale),
  };
}

/**
 * t^γ·a with t = 1 − e^{−a}, and its derivative with respect to the logit, t^γ·(1 + γ·(1 − t)·a/t)·da/dx.
 *
 * a/t tends to 1 as a goes to 0, so everything stays finite for every γ ≥ 0.
 */
function focalEntries(
  { logits, labels, known }: LossTensors,
  gamma: number,
  weight: tf.Tensor2D,
  careful: boolean,
): Entries {
  const { slope, u } = signedLogits(knownLogits(logits, known, careful), { labels });
  // A weight of 0 has the same effect inside and outside the focal factor.
  const weights = product([weight, known]) as tf.Tensor2D;
  const a = tf.mul<tf.Tensor2D>(weights, entropyOf(u, careful));
  const along = tf.mul<tf.Tensor2D>(tf.mul(slope, tf.sigmoid(u)), weights);
  if (gamma === 0) return { value: a, derivatives: [along] };
  const t = tf.neg(tf.expm1(tf.neg(a)));
  const factor = power(t, gamma);
  // The floor is far below the smallest t > 0, so it only avoids 0/0.
  const ratio = tf.div(tf.mul(tf.sub(1, t), a), tf.maximum(t, 1e-30));
  return {
    value: tf.mul(factor, a),
    derivatives: [tf.mul(tf.mul(factor, along), tf.add(1, tf.mul(gamma, ratio)))],
  };
}

/** {@link focalEntries} on the host: the sum of the values, and the derivatives times `scale` in `byLogit`. */
function focalPass(
  { logits, labels, known }: LossTensors,
  gamma: number,
  weights: tf.Tensor2D,
  byLogit: Float32Array,
  scale: number,
): number {
  const [B, C] = logits.shape;
  const x = logits.dataSync();
  const y = labels.dataSync();
  const mask = known?.dataSync();
  const w = readMatrix(weights, 1);
  let sum = 0;
  for (let b = 0; b < B; b++) {
    for (let c = 0; c < C; c++) {
      const i = b * C + c;
      if (mask && mask[i] === 0) continue;
      const sign = 1 - 2 * y[i];
      const u = sign * x[i];
      const e = expOfMinus(Math.abs(u));
      const probability = (u >= 0 ? 1 : e) / (1 + e);
      const weight = w.values[b * w.rowStep + c * w.columnStep];
      const a = weight * (e === 0 ? entropyOfFar(u) : Math.max(u, 0) + logOfOnePlus(e));
      const t = -Math.expm1(-a);
      const focus = gamma === 0 ? 1 : gamma === 2 ? t * t : t ** gamma;
      sum += focus * a;
      const along = gamma === 0 ? 1 : 1 + (gamma * (1 - t) * a) / Math.max(t, 1e-30);
      byLogit[i] = scale * weight * sign * probability * focus * along;
    }
  }
  return sum;
}
