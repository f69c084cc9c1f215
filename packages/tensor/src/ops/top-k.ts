import * as tf from '@tensorflow/tfjs-core';
import { OptionError } from '../errors.ts';
import { customGradient, handOver } from './custom-gradient.ts';

export interface TopK {
  /** [..., K] largest first. */
  readonly values: tf.Tensor;
  /** [..., K] their places on the last axis, int32. */
  readonly indices: tf.Tensor;
}

/**
 * The k largest entries of the last axis. The gradient of `values` goes back to where they came from.
 *
 * Edge cases: among equal entries the lower index comes first.
 *
 * @param x [..., C]
 * @param k 1 … C
 * @throws OptionError
 */
export function topK(x: tf.Tensor, k: number): TopK {
  const C = x.shape[x.rank - 1] ?? 0;
  if (!(Number.isInteger(k) && k >= 1 && k <= C)) {
    throw new OptionError({ where: 'topK', argument: 'k', expected: `1 … C = ${C}`, received: `${k}` });
  }
  const rows = x.size / C;
  let places: tf.Tensor | undefined;
  const values = customGradient(
    [x],
    () => {
      const { values, indices } = tf.topk(x, k);
      places = tf.keep(indices);
      return { value: values, saved: [indices] };
    },
    (dy, [indices]) => {
      const starts = tf.reshape(tf.range(0, rows * C, C, 'int32'), [rows, 1]);
      const flat = tf.add(tf.reshape(indices, [rows, k]), starts);
      const dx = tf.scatterND(tf.reshape(flat, [rows * k, 1]), tf.reshape(dy, [rows * k]), [rows * C]);
      return [tf.reshape(dx, x.shape)];
    },
  );
  return { values, indices: handOver(places as tf.Tensor) };
}
