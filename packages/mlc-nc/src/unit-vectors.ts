import * as tf from '@tensorflow/tfjs-core';

/** Vectors of the last axis over their lengths. */
export interface UnitVectors {
  readonly unit: tf.Tensor;
  /** At least 1e-12. */
  readonly length: tf.Tensor;
  /** 0 where the vector is 0, whose direction has no gradient, else 1. */
  readonly any: tf.Tensor;
}

export function unitVectors(x: tf.Tensor): UnitVectors {
  const own = tf.sqrt(tf.sum(tf.square(x), -1, true));
  const length = tf.maximum(own, 1e-12);
  return { unit: tf.div(x, length), length, any: tf.cast(tf.greater(own, 0), 'float32') };
}

/** (g − u·⟨u, g⟩)/‖x‖: the gradient by the vectors for the gradient g by what they are over their lengths. */
export function through({ unit, length, any }: UnitVectors, gradient: tf.Tensor): tf.Tensor {
  const along = tf.sum(tf.mul(unit, gradient), -1, true);
  return tf.mul(any, tf.div(tf.sub(gradient, tf.mul(unit, along)), length));
}
