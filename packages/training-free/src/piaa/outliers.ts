import { checkCount, checkNumber, checkOptionNames, checkShapes, topK } from '@ltml/tensor';
import * as tf from '@tensorflow/tfjs-core';

/** Options of {@link patchOutliers}. */
export interface OutlierOptions {
  /** k, number of neighbours. Values above N − 1 count as N − 1. Default 30. */
  readonly neighbours?: number;
  /** Share of the patches of an image that are outliers, in [0, 1]. Default 0.05. */
  readonly share?: number;
}

/** Number of differences in memory at once. */
const differencesAtOnce = 4_194_304;

/**
 * Outliers among the patches of an image: patches that differ from their nearest neighbours.
 *
 * Let κ be the squared distance of a patch to its k-th nearest other patch. The score of a patch is the mean of κ / κ′
 * over its k nearest neighbours, where κ′ is the κ of the neighbour. Patches with a score above the quantile 1 − share
 * of the image are outliers.
 *
 * Edge cases: if patches are equal, κ is 0 and scores can be NaN. An image with a NaN score has no outliers. A single
 * patch has a NaN score.
 *
 * @param patches [B, N, W]
 * @returns `scores` [B, N]; `outliers` [B, N], 1 or 0
 * @throws ShapeError, OptionError
 *
 * Source: PIAA, arXiv 2605.25821, released code, after SC-CLIP. Its local outlier factor reduces to this ratio.
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
    // The nearest patch is the patch itself.
    const kth = tf.neg(tf.reshape(tf.slice(values, [0, k], [N, 1]), [N]));
    const nearest = tf.slice(indices, [0, 1], [N, k]) as tf.Tensor2D;
    return tf.mean(tf.div(tf.expandDims(kth, 1), tf.gather(kth, nearest)), 1);
  });
}

/**
 * Squared distances [N, N], computed from differences, so that they are exactly 0 for equal rows. A few rows at a time.
 */
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

/** [B] a quantile of each row of [B, N], with linear interpolation between two entries. */
function quantile(x: tf.Tensor2D, q: number): tf.Tensor1D {
  const [B, N] = x.shape;
  // In floating point 0.95 · 20 is below 19, so round it.
  const place = Number((q * (N - 1)).toPrecision(12));
  const lower = Math.floor(place);
  const falling = topK(x, N).values;
  const entry = (at: number) => tf.reshape(tf.slice(falling, [0, N - 1 - at], [B, 1]), [B]) as tf.Tensor1D;
  const [low, high] = [entry(lower), entry(Math.min(lower + 1, N - 1))];
  return tf.add(low, tf.mul(tf.sub(high, low), place - lower));
}
