import { checkCount, checkNumber, checkOptionNames, checkShapes, withoutGradient } from '@ltml/tensor';
import * as tf from '@tensorflow/tfjs-core';

export interface SinkhornOptions {
  /** Strength of the entropy, above 0; default 0.1. */
  readonly regularization?: number;
  /** At most, default 100. */
  readonly iterations?: number;
  /** The mean change of the row scaling of every image below which it stops; default 0.001. */
  readonly threshold?: number;
}

/**
 * Entropic optimal transport of each image: the plan [B, N, M] with the column sums b exactly and the row sums a nearly.
 *
 *     K = exp(−cost / ε);  repeat r = a / (K c), c = b / (Kᵀ r);  plan = r K c
 *
 * It stops for all images together, so that a plan depends on the others of its batch, by about the threshold.
 *
 * @param rows [B, N] a, above 0 @param columns [B, M] b
 * @param cost [B, N, M]
 * @returns without a gradient; NaN in a row whose costs are all so far above ε that exp(−cost / ε) is 0 in float32
 * @throws ShapeError, OptionError
 * Source: Cuturi, NeurIPS 2013; the stop as in the code of RAM (CVPR 2025).
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
  // Kernels of some engines fail on tensors without entries.
  if (cost.size === 0) return tf.zeros(cost.shape);
  return withoutGradient(() =>
    tf.tidy(() => {
      const K = tf.exp(tf.neg(tf.div(cost, regularization))) as tf.Tensor3D;
      const [a, b] = [tf.expandDims(rows, 2), tf.expandDims(columns, 2)];
      let [r, c] = [tf.onesLike(a), tf.onesLike(b)];
      // A step that is compiled can't look at numbers: after the stop the scalings stay as they are.
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
