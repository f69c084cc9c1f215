import * as tf from '@tensorflow/tfjs-core';
import { OptionError } from '../errors.ts';
import type { Gradients } from '../gradients.ts';
import { mapJoined } from './joined.ts';

/** The result of {@link clipGradients}. */
export interface ClippedGradients {
  /** The gradients times the common factor. The caller owns them, and still owns the given ones. */
  readonly gradients: Gradients;
  /** The global L2 norm before clipping, as a tensor. */
  readonly norm: tf.Scalar;
}

/**
 * Scales gradients down, all by one factor, so that their global L2 norm is at most `maxNorm`:
 * `g · min(1, maxNorm / (norm + 1e-6))` with `norm = √(Σ g²)` over all entries of all gradients.
 *
 * Like PyTorch's `clip_grad_norm_`. Nothing is read back to the host, so a gradient that is not finite shows in the
 * norm. A NaN turns all gradients to NaN. An infinity turns the others to 0 and itself to NaN.
 *
 * @throws OptionError if `maxNorm` is not above 0; ∞ means no clipping
 */
export function clipGradients(gradients: Gradients, maxNorm: number): ClippedGradients {
  if (!(typeof maxNorm === 'number' && maxNorm > 0)) {
    throw new OptionError({ where: 'clipGradients', argument: 'maxNorm', expected: 'above 0', received: `${maxNorm}` });
  }
  const parameters = [...gradients.keys()];
  const values = [...gradients.values()];
  const { norm, clipped } = tf.tidy(() => {
    const norm = globalNorm(values);
    // WASM propagates NaN only from the first argument.
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
