import { checkCount, checkNumber, checkOptionNames, checkShapes, topK } from '@ltml/tensor';
import * as tf from '@tensorflow/tfjs-core';

export interface OutlierOptions {
  /** k, default 30; at most N − 1 are taken. */
  readonly neighbours?: number;
  /** Share of the patches above whose quantile a score makes an outlier, default 0.05. */
  readonly share?: number;
}

/** Numbers whose differences are in memory at once. */
const differencesAtOnce = 4_194_304;

/**
 * Patches unlike those that are nearest to them. κ is the distance, squared, to the k-th nearest other patch; a score is
 * the mean over the k nearest of κ / κ of that neighbour, and an outlier scores above the quantile 1 − share of its image.
 *
 * Edge cases: where rows are equal, κ is 0 and scores may be NaN; an image with such a score has no outlier. Nor has one
 * with a single patch, whose score is NaN.
 *
 * @param patches [B, N, W]
 * @returns `scores` [B, N]; `outliers` [B, N], 1 or 0
 * @throws ShapeError, OptionError
 * Source: PIAA, arXiv 2605.25821, released code, after SC-CLIP. Its local outlier factor comes down to this ratio.
 */
export function patchOutliers(
  patches: tf.Tensor3D,
  options: OutlierOptions = {},
): { scores: tf.Tensor2D; outliers: tf.Tensor2D } {
  const where = 'patchOutliers';
  checkOptionNames(where, options, ['neighbours', 'share']);
  const { B, N } = checkShapes(where, { patches: [patches, 'B N W'] });
  const { neighbours = 30, share = 0.05 } = options;
  checkCount(where, 'options.neighbours', neighbours);
  checkNumber(where, 'options.share', share, { min: 0, max: 1 });
  return tf.tidy(() => {
    if (B === 0 || N < 2) return { scores: tf.fill([B, N], Number.NaN), outliers: tf.zeros([B, N]) };
    const images = (tf.unstack(patches) as tf.Tensor2D[]).map((rows) => scoresOf(rows, Math.min(neighbours, N - 1)));
    const scores = tf.stack(images) as tf.Tensor2D;
    const border = tf.expandDims(quantile(scores, 1 - share), 1);
    const known = tf.logicalNot(tf.any(tf.isNaN(scores), 1, true));
    const above = tf.logicalAnd(tf.greater(scores, border), known) as tf.Tensor2D;
    return { scores, outliers: tf.cast(above, 'float32') };
  });
}

function scoresOf(rows: tf.Tensor2D, k: number): tf.Tensor1D {
  return tf.tidy(() => {
    const { values, indices } = topK(tf.neg(squaredDistances(rows)), k + 1);
    const N = rows.shape[0];
    // The nearest is the patch itself.
    const kth = tf.neg(tf.reshape(tf.slice(values, [0, k], [N, 1]), [N]));
    const nearest = tf.slice(indices, [0, 1], [N, k]) as tf.Tensor2D;
    return tf.mean(tf.div(tf.expandDims(kth, 1), tf.gather(kth, nearest)), 1);
  });
}

/** [N, N] from differences, so that equal rows are 0 apart; a few rows at a time. */
function squaredDistances(rows: tf.Tensor2D): tf.Tensor2D {
  const [N, W] = rows.shape;
  const atOnce = Math.max(1, Math.floor(differencesAtOnce / (N * W)));
  const parts: tf.Tensor2D[] = [];
  for (let first = 0; first < N; first += atOnce) {
    const some = tf.slice(rows, [first, 0], [Math.min(atOnce, N - first), W]);
    parts.push(tf.tidy(() => tf.sum(tf.squaredDifference(tf.expandDims(some, 1), tf.expandDims(rows, 0)), 2)));
  }
  return parts.length === 1 ? parts[0] : tf.concat(parts, 0);
}

/** [B] the quantile of each row of [B, N], between two entries by linear interpolation. */
function quantile(x: tf.Tensor2D, q: number): tf.Tensor1D {
  const [B, N] = x.shape;
  // Without rounding 0.95 · 20 would lie below 19.
  const place = Number((q * (N - 1)).toPrecision(12));
  const lower = Math.floor(place);
  const falling = topK(x, N).values;
  const entry = (at: number) => tf.reshape(tf.slice(falling, [0, N - 1 - at], [B, 1]), [B]) as tf.Tensor1D;
  const [low, high] = [entry(lower), entry(Math.min(lower + 1, N - 1))];
  return tf.add(low, tf.mul(tf.sub(high, low), place - lower));
}
