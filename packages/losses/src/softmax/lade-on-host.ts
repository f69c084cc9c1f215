import type * as tf from '@tensorflow/tfjs-core';
import { expOfMinus } from '../core/host.ts';

/** Constants of LADE's regulariser. */
export interface LadeTerms {
  /** [C] π, the share of each class. */
  readonly shares: Float32Array;
  /** [C] s_c without the log-sum-exp of its logits. */
  readonly constant: Float32Array;
  readonly lambda: number;
}

/** The regulariser of LADE on the host: its value, and the derivatives times `scale` in `byLogit`. */
export function ladeRegularizerPass(
  logits: tf.Tensor2D,
  labels: tf.Tensor2D,
  { shares, constant, lambda }: LadeTerms,
  byLogit: Float32Array,
  scale: number,
): number {
  const [B, C] = logits.shape;
  const x = logits.dataSync();
  const y = labels.dataSync();
  let value = 0;
  for (let c = 0; c < C; c++) {
    let largest = x[c];
    let [images, own] = [1e-8, 0];
    for (let i = c; i < B * C; i += C) {
      largest = Math.max(largest, x[i]);
      images += y[i];
      own += y[i] * x[i];
    }
    let sum = 0;
    for (let i = c; i < B * C; i += C) sum += expOfMinus(largest - x[i]);
    const s = largest + Math.log(sum) + constant[c];
    value += shares[c] * (s + lambda * s * s - own / images);
    const steep = (1 + 2 * lambda * s) / sum;
    for (let i = c; i < B * C; i += C) {
      byLogit[i] = scale * shares[c] * (steep * expOfMinus(largest - x[i]) - y[i] / images);
    }
  }
  return value;
}
