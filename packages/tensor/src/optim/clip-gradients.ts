import * as tf from '@tensorflow/tfjs-core';
import { OptionError } from '../errors.ts';
import type { Gradients } from '../gradients.ts';
import { mapJoined } from './joined.ts';

/** Gradients after clipping, and their norm before. */
export interface ClippedGradients {
  /** The gradients times the factor; the caller's, as the ones given are. */
  readonly gradients: Gradients;
  /** Their global L2 norm before, on the device. */
  readonly norm: tf.Scalar;
}

/**
 * Scales gradients down, all by one factor, so that their global L2 norm is at most `maxNorm`:
 * `g · min(1, maxNorm / (norm + 1e-6))` with `norm = √(Σ g²)` over all entries of all gradients.
 *
 * As PyTorch's `clip_grad_norm_`. Nothing is read back to the host: a gradient that is not finite makes the norm so.
 * NaN in one turns all to NaN; an infinite one turns the others to zero and itself to NaN.
 *
 * @throws OptionError if `maxNorm` is not above 0; ∞ clips nothing
 */
export function clipGradients(gradients: Gradients, maxNorm: number): ClippedGradients {
  if (!(typeof maxNorm === 'number' && maxNorm > 0)) {
    throw new OptionError({ where: 'clipGradients', argument: 'maxNorm', expected: 'above 0', received: `${maxNorm}` });
  }
  const parameters = [...gradients.keys()];
  const values = [...gradients.values()];
  const { norm, clipped } = tf.tidy(() => {
    const norm = globalNorm(values);
    // WASM passes NaN on from the first argument alone.
    const factor = tf.minimum(tf.div(maxNorm, tf.add(norm, 1e-6)), 1);
    const rows = mapJoined(
      values.map((value) => [value]),
      ([value]) => [tf.mul(value, factor)],
    );
    return { norm, clipped: rows.map(([value]) => value) };
  });
  return { gradients: new Map(parameters.map((parameter, i) => [parameter, clipped[i]])), norm };
}

/** √(Σ x²) over all entries of all tensors. */
function globalNorm(tensors: readonly tf.Tensor[]): tf.Scalar {
  const vectors = tensors.filter(({ rank }) => rank === 1) as tf.Tensor1D[];
  const others = tensors.filter(({ rank }) => rank !== 1);
  const parts = vectors.length > 1 ? [tf.concat(vectors), ...others] : tensors;
  if (parts.length === 0) return tf.scalar(0);
  return tf.sqrt(tf.sum(tf.stack(parts.map((part) => tf.sum(tf.square(part)))))) as tf.Scalar;
}
