import * as tf from '@tensorflow/tfjs-core';

/** Vectors along the last axis, split into direction and length. */
export interface UnitVectors {
  readonly unit: tf.Tensor;
  /** Length, at least 1e-12. */
  readonly length: tf.Tensor;
  /** 0 for a zero vector, whose direction has no gradient; 1 for all others. */
  readonly any: tf.Tensor;
}

export function unitVectors(x: tf.Tensor): UnitVectors {
  const own = tf.sqrt(tf.sum(tf.square(x), -1, true));
  const length = tf.maximum(own, 1e-12);
  return { unit: tf.div(x, length), length, any: tf.cast(tf.greater(own, 0), 'float32') };
}

/** Backpropagates a gradient g of unit vectors u = x/‖x‖ to x: (g − u·⟨u, g⟩)/‖x‖. */
export function through({ unit, length, any }: UnitVectors, gradient: tf.Tensor): tf.Tensor {
  const along = tf.sum(tf.mul(unit, gradient), -1, true);
  return tf.mul(any, tf.div(tf.sub(gradient, tf.mul(unit, along)), length));
}
