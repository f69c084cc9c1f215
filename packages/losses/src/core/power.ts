import * as tf from '@tensorflow/tfjs-core';

/**
 * A tensor of numbers ≥ 0 to a constant power, with 0⁰ = 1. Small whole exponents, as the papers use, are computed as
 * products: many times faster than the general power.
 */
export function power<T extends tf.Tensor>(base: T, exponent: number): T {
  if (exponent === 0) return tf.onesLike(base);
  if (exponent === 1) return base;
  if (exponent === 2) return tf.square(base);
  if (exponent === 4) return tf.square(tf.square(base));
  return tf.pow<T>(base, exponent);
}
