import * as tf from '@tensorflow/tfjs-core';
import { OptionError } from '../errors.ts';
import { checkTensor } from '../shapes.ts';
import { asFloat } from './as-float.ts';
import { customGradient, handOver } from './custom-gradient.ts';

const largestFloat = 3.4028234663852886e38;
const secondLargestFloat = 3.4028232635611926e38;

/** The result of {@link topK}. */
export interface TopK {
  /** [..., K] largest first. */
  readonly values: tf.Tensor;
  /** [..., K] their indices on the last axis, int32. */
  readonly indices: tf.Tensor;
}

/**
 * The k largest entries of the last axis. The gradient of `values` flows back to the entries that they came from.
 *
 * Edge cases: among equal entries the lower index comes first; NaN is the largest of all, as in PyTorch.
 *
 * @param x [..., C]
 * @param k a whole number in 1 … C
 * @throws OptionError
 */
export function topK(x: tf.Tensor, k: number): TopK {
  const C = checkTensor('topK', 'x', x).at(-1) ?? 0;
  if (!(Number.isInteger(k) && k >= 1 && k <= C)) {
    throw new OptionError({ where: 'topK', argument: 'k', expected: `1 … C = ${C}`, received: `${k}` });
  }
  return tf.tidy(() => largest(asFloat(x), k));
}

function largest(x: tf.Tensor, k: number) {
  const C = x.shape[x.rank - 1];
  const rows = x.size / C;
  const starts = () => tf.reshape(tf.range(0, rows * C, C, 'int32'), [rows, 1]);
  let places: tf.Tensor | undefined;
  const values = customGradient(
    [x],
    () => {
      if (rows === 0) {
        const nothing = [...x.shape.slice(0, -1), k];
        places = tf.keep(tf.zeros(nothing, 'int32'));
        return { value: tf.zeros(nothing), saved: [places] };
      }
      // Each engine orders NaN differently, and JavaScript's implementation selects wrongly among infinities.
      const finite = tf.clipByValue(x, -largestFloat, secondLargestFloat);
      const keys = tf.where(tf.isNaN(x), largestFloat, finite);
      const { indices } = tf.topk(keys, k);
      places = tf.keep(indices);
      const flat = tf.add(tf.reshape(indices, [rows, k]), starts());
      const value = tf.reshape(tf.gather(tf.reshape(x, [-1]), tf.cast(flat, 'int32')), indices.shape);
      return { value, saved: [indices] };
    },
    (dy, [indices]) => {
      if (rows === 0) return [tf.zeros(x.shape)];
      const flat = tf.add(tf.reshape(indices, [rows, k]), starts());
      const dx = tf.scatterND(tf.reshape(flat, [rows * k, 1]), tf.reshape(dy, [rows * k]), [rows * C]);
      return [tf.reshape(dx, x.shape)];
    },
  );
  return { values, indices: handOver(places as tf.Tensor) };
}
