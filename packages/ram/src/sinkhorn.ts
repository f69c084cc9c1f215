import { checkCount, checkNumber, checkOptionNames, checkShapes, withoutGradient } from '@ltml/tensor';
import * as tf from '@tensorflow/tfjs-core';

/** Options of {@link sinkhorn}. */
export interface SinkhornOptions {
  /** ε > 0, weight of the entropy term. Default 0.1. */
  readonly regularization?: number;
  /** Maximum number of iterations. Default 100. */
  readonly iterations?: number;
  /** Stops if the mean change of the row scaling is below this in every image. Default 0.001. */
  readonly threshold?: number;
}

/**
 * Entropy-regularised optimal transport for each image, by Sinkhorn's algorithm. The column sums of the plan [B, N, M]
 * are exactly b, the row sums approximately a.
 *
 *     K = exp(−cost / ε);  repeat r = a / (K c), c = b / (Kᵀ r);  plan = r K c
 *
 * All images stop after the same iteration. So a plan depends on the other images of its batch, by about the threshold.
 *
 * @param rows [B, N] a, above 0
 * @param columns [B, M] b
 * @param cost [B, N, M]
 * @returns the plan, without a gradient. A row is NaN if all its costs are so large that exp(−cost / ε) is 0 in float32
 * @throws ShapeError, OptionError
 *
 * Source: Cuturi, NeurIPS 2013; stopping rule of the code of RAM (CVPR 2025).
 */
export function sinkhorn(
  rows: tf.Tensor2D,
  columns: tf.Tensor2D,
  cost: tf.Tensor3D,
  options: SinkhornOptions = {},
): tf.Tensor3D {
  const where = 'sinkhorn';
  checkOptionNames(where, options, ['regularization', 'iterations', 'threshold']);
  const { regularization = 0.1, iterations = 100, threshold = 1e-3 } = options;
  checkNumber(where, 'options.regularization', regularization, { above: 0 });
  checkCount(where, 'options.iterations', iterations);
  checkNumber(where, 'options.threshold', threshold, { min: 0 });
  checkShapes(where, { rows: [rows, 'B N'], columns: [columns, 'B M'], cost: [cost, 'B N M'] });
  // Some engines fail on empty tensors.
  if (cost.size === 0) return tf.zeros(cost.shape);
  return withoutGradient(() =>
    tf.tidy(() => {
      const K = tf.exp(tf.neg(tf.div(cost, regularization))) as tf.Tensor3D;
      const [a, b] = [tf.expandDims(rows, 2), tf.expandDims(columns, 2)];
      let [r, c] = [tf.onesLike(a), tf.onesLike(b)];
      // A compiled step cannot branch on values. So all iterations run, but after the stop the scalings no longer
      // change.
      let goesOn: tf.Tensor = tf.scalar(1);
      for (let i = 0; i < iterations; i++) {
        const next = tf.div(a, tf.matMul(K, c as tf.Tensor3D));
        const other = tf.div(b, tf.matMul(K, next as tf.Tensor3D, true, false));
        const change = tf.max(tf.mean(tf.abs(tf.sub(next, r)), [1, 2]));
        r = tf.add(r, tf.mul(goesOn, tf.sub(next, r)));
        c = tf.add(c, tf.mul(goesOn, tf.sub(other, c)));
        goesOn = tf.mul(goesOn, tf.cast(tf.greaterEqual(change, threshold), 'float32'));
      }
      return tf.mul<tf.Tensor3D>(tf.mul(r, K), tf.transpose(c, [0, 2, 1]));
    }),
  );
}
