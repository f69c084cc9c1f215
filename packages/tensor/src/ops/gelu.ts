import * as tf from '@tensorflow/tfjs-core';
import { customGradient } from './custom-gradient.ts';

/**
 * Gaussian error linear unit, exact: y = x · Φ(x) with the normal distribution function Φ(x) = erfc(−x / √2) / 2.
 *
 * dy/dx = Φ(x) + x · φ(x).
 *
 * Source: Hendrycks and Gimpel 2016; PyTorch's `gelu` without its tanh approximation.
 */
export function gelu<T extends tf.Tensor>(x: T): T {
  return customGradient(
    [x],
    () => {
      const distribution = normalDistribution(x);
      return { value: tf.mul<T>(x, distribution), saved: [x, distribution] };
    },
    (dy, [x, distribution]) => {
      const density = tf.mul(tf.exp(tf.mul(tf.square(x), -0.5)), 1 / Math.sqrt(2 * Math.PI));
      return [tf.mul(dy, tf.add(distribution, tf.mul(x, density)))];
    },
  );
}

function normalDistribution(x: tf.Tensor): tf.Tensor {
  return tf.mul(tf.add(tf.erf(tf.mul(x, Math.SQRT1_2)), 1), 0.5);
}

/**
 * CLIP's approximation of GELU: y = x · σ(1.702 · x).
 *
 * dy/dx = s + 1.702 · y · (1 − s) with s = σ(1.702 · x).
 */
export function quickGelu<T extends tf.Tensor>(x: T): T {
  return customGradient(
    [x],
    () => {
      const gate = tf.sigmoid(tf.mul(x, 1.702));
      const value = tf.mul<T>(x, gate);
      return { value, saved: [value, gate] };
    },
    (dy, [y, gate]) => [tf.mul(dy, tf.add(gate, tf.mul(tf.mul(y, 1.702), tf.sub(1, gate))))],
  );
}
