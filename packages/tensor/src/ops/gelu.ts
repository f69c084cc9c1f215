import * as tf from '@tensorflow/tfjs-core';
import { checkTensor } from '../shapes.ts';
import { asFloat } from './as-float.ts';
import { customGradient } from './custom-gradient.ts';
import { emptyOf } from './empty.ts';
import { normalDensities, normalDistributions } from './normal-distribution.ts';
import { runKernelOr } from './run-kernel.ts';

/**
 * Gaussian error linear unit (GELU), exact: y = x · Φ(x), where Φ is the standard normal distribution function.
 *
 * dy/dx = Φ(x) + x · φ(x).
 *
 * It is accurate to the last digits of float32 even where Φ is tiny; `1 + erf` is not.
 *
 * Source: Hendrycks and Gimpel 2016; PyTorch's `gelu` without its tanh approximation.
 */
export function gelu<T extends tf.Tensor>(x: T): T {
  return onFloats('gelu', x, geluOf);
}

function geluOf<T extends tf.Tensor>(x: T): T {
  return customGradient(
    [x],
    () => ({ value: runKernelOr<T>('ltml/Gelu', { x }, {}, () => composedGelu(x)), saved: [x] }),
    (dy, [x]) => [runKernelOr('ltml/GeluGrad', { dy, x }, {}, () => composedGeluGradient(dy, x))],
  );
}

function composedGelu<T extends tf.Tensor>(x: T): T {
  return tf.mul(x, normalDistributions(x, normalDensities(x)));
}

function composedGeluGradient(dy: tf.Tensor, x: tf.Tensor): tf.Tensor {
  const densities = normalDensities(x);
  return tf.mul(dy, tf.add(normalDistributions(x, densities), tf.mul(x, densities)));
}

/**
 * CLIP's approximation of GELU ("quick GELU"): y = x · σ(1.702 · x).
 *
 * dy/dx = s + 1.702 · y · (1 − s) with s = σ(1.702 · x).
 */
export function quickGelu<T extends tf.Tensor>(x: T): T {
  return onFloats('quickGelu', x, quickGeluOf);
}

function quickGeluOf<T extends tf.Tensor>(x: T): T {
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

/**
 * The tanh approximation of GELU: y = x / 2 · (1 + tanh u) with u = √(2/π) · (x + 0.044715 · x³).
 *
 * dy/dx = (1 + tanh u) / 2 + x / 2 · (1 − tanh² u) · √(2/π) · (1 + 3 · 0.044715 · x²).
 *
 * It differs from {@link gelu} by up to 5e-4.
 */
export function geluTanh<T extends tf.Tensor>(x: T): T {
  return onFloats('geluTanh', x, geluTanhOf);
}

function geluTanhOf<T extends tf.Tensor>(x: T): T {
  return customGradient(
    [x],
    () => {
      const cubic = tf.add(tf.mul(tf.square(x), 0.044715), 1);
      const tanh = tf.tanh(tf.mul(tf.mul(x, cubic), Math.sqrt(2 / Math.PI)));
      return { value: tf.mul<T>(tf.mul(x, 0.5), tf.add(tanh, 1)), saved: [x, tanh] };
    },
    (dy, [x, tanh]) => {
      const slope = tf.mul(tf.add(tf.mul(tf.square(x), 3 * 0.044715), 1), Math.sqrt(2 / Math.PI));
      const through = tf.mul(tf.mul(x, tf.sub(1, tf.square(tanh))), slope);
      return [tf.mul(tf.mul(dy, 0.5), tf.add(tf.add(tanh, 1), through))];
    },
  );
}

function onFloats<T extends tf.Tensor>(where: string, x: T, activate: (x: T) => T): T {
  checkTensor(where, 'x', x);
  return x.size === 0 ? emptyOf(x, x.shape) : tf.tidy(() => activate(asFloat(x)));
}
