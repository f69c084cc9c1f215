import * as tf from '@tensorflow/tfjs-core';
import { checkCount, checkNumber, checkOptionNames } from '../check-options.ts';
import { checkTensor } from '../shapes.ts';
import { asFloat } from './as-float.ts';
import { customGradient } from './custom-gradient.ts';
import { emptyOf } from './empty.ts';

/** Options of {@link l2Normalize}. */
export interface L2NormalizeOptions {
  /** Axis over which the norm is taken; default the last. */
  readonly axis?: number;
  /** Smallest norm to divide by, ≥ 0; default 1e-12. */
  readonly epsilon?: number;
}

/**
 * Scales vectors to length 1: y = x / max(‖x‖, ε), as PyTorch's `F.normalize`.
 *
 * dx = (dy − y · Σ dy·y) / ‖x‖, and dy / ε where the norm is below ε.
 *
 * Edge cases: a zero vector stays zero. Its gradient is dy / ε, large but finite.
 *
 * @throws OptionError, ShapeError
 */
export function l2Normalize(x: tf.Tensor, options: L2NormalizeOptions = {}): tf.Tensor {
  checkOptionNames('l2Normalize', options, ['axis', 'epsilon']);
  checkTensor('l2Normalize', 'x', x);
  const { axis = -1, epsilon = 1e-12 } = options;
  checkNumber('l2Normalize', 'options.epsilon', epsilon, { min: 0 });
  checkCount('l2Normalize', 'options.axis', axis, { min: -x.rank, max: x.rank - 1 });
  return x.size === 0 ? emptyOf(x, x.shape) : tf.tidy(() => normalised(asFloat(x), axis, epsilon));
}

function normalised(x: tf.Tensor, axis: number, epsilon: number): tf.Tensor {
  return customGradient(
    [x],
    () => {
      const norm = tf.sqrt(tf.sum(tf.square(x), axis, true));
      const divisor = tf.maximum(norm, epsilon);
      const value = tf.div(x, divisor);
      return { value, saved: [value, divisor, tf.cast(tf.greaterEqual(norm, epsilon), 'float32')] };
    },
    (dy, [y, divisor, unclamped]) => {
      const along = tf.mul(tf.sum(tf.mul(dy, y), axis, true), unclamped);
      return [tf.div(tf.sub(dy, tf.mul(y, along)), divisor)];
    },
  );
}
