import * as tf from '@tensorflow/tfjs-core';
import { knownLogits, type LossTensors } from '../core/checks.ts';
import { type Entries, type HostPass, product } from '../core/closed-form.ts';
import { expOfMinus, logOfOnePlus, readMatrix } from '../core/host.ts';

/**
 * w·(softplus(x) − y·x), its derivative w·(σ(x) − y) with respect to the logit and, if asked for, −w·x with respect to
 * the label. Entries that are not known are 0.
 */
export function crossEntropyEntries(
  { logits, labels, known }: LossTensors,
  weights: tf.Tensor2D | undefined,
  careful: boolean,
  byLabels: boolean = false,
): Entries {
  const x = knownLogits(logits, known, careful);
  const factor = product([weights, known]);
  const scaled = (entries: tf.Tensor2D): tf.Tensor2D => (factor ? tf.mul(entries, factor) : entries);
  return {
    value: scaled(entropyOfLogits(x, labels, careful)),
    derivatives: [scaled(tf.sub(tf.sigmoid(x), labels)), ...(byLabels ? [scaled(tf.neg(x))] : [])],
  };
}

/**
 * q·softplus(x) − t·x, the cross-entropy for q = 1. As in PyTorch, an infinite logit gives infinity on the wrong side
 * and NaN on the right side. (Exception: −∞ where a class is present gives NaN.)
 *
 * @param careful if false, infinite logits may give NaN, see `LossForms.compose`
 */
export function entropyOfLogits(x: tf.Tensor2D, t: tf.Tensor2D, careful: boolean, q?: tf.Tensor2D): tf.Tensor2D {
  const times = (entries: tf.Tensor2D): tf.Tensor2D => (q ? tf.mul(q, entries) : entries);
  if (!careful) return tf.sub(times(tf.softplus(x)), tf.mul(t, x));
  return tf.add(times(tf.softplus(tf.neg(tf.abs(x)))), tf.mul(x, tf.sub(times(tf.step(x)), t)));
}

/** {@link crossEntropyEntries} on the host; it computes the derivative for the labels only if asked. */
export function crossEntropyPass(
  { logits, labels, known }: LossTensors,
  makeWeights: () => tf.Tensor2D | undefined,
): HostPass {
  return ([byLogit, byLabel], scale) => {
    const [B, C] = logits.shape;
    const x = logits.dataSync();
    const y = labels.dataSync();
    const mask = known?.dataSync();
    const w = readMatrix(makeWeights(), 1);
    let sum = 0;
    for (let b = 0; b < B; b++) {
      for (let c = 0; c < C; c++) {
        const i = b * C + c;
        if (mask && mask[i] === 0) continue;
        const weight = w.values[b * w.rowStep + c * w.columnStep];
        const e = expOfMinus(Math.abs(x[i]));
        sum += weight * ((x[i] >= 0 ? 1 - y[i] : -y[i]) * x[i] + logOfOnePlus(e));
        byLogit[i] = scale * weight * ((x[i] >= 0 ? 1 : e) / (1 + e) - y[i]);
        if (byLabel) byLabel[i] = -scale * weight * x[i];
      }
    }
    return sum;
  };
}
