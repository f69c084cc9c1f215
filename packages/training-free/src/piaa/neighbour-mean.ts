import { checkShapes } from '@ltml/tensor';
import * as tf from '@tensorflow/tfjs-core';

/**
 * Replaces each outlier by the mean of its eight neighbours, without those that are outliers too. An outlier without
 * other neighbours does not change.
 *
 * @param map [B, h, w, D]
 * @param outliers [B, h, w], 1 or 0
 * @returns [B, h, w, D]
 * @throws ShapeError
 *
 * Source: PIAA, arXiv 2605.25821, released code, after SC-CLIP.
 */
export function neighbourMean(map: tf.Tensor4D, outliers: tf.Tensor3D): tf.Tensor4D {
  checkShapes('neighbourMean', { map: [map, 'B h w D'], outliers: [outliers, 'B h w'] });
  if (map.size === 0) return tf.clone(map);
  return tf.tidy(() => {
    const given = tf.expandDims(outliers, 3) as tf.Tensor4D;
    const kept = tf.sub<tf.Tensor4D>(1, given);
    // Both averages are over the same cells, and outliers count as 0. So their ratio is the mean of the other
    // neighbours.
    const around = (x: tf.Tensor4D): tf.Tensor4D => tf.avgPool(x, 3, 1, 'same');
    const share = around(kept);
    const mean = tf.div(around(tf.mul(map, kept)), tf.maximum(share, 1e-3));
    const replaced = tf.logicalAnd(tf.greater(given, 0), tf.greater(share, 1e-3));
    return tf.where(tf.broadcastTo(replaced, map.shape), mean, map) as tf.Tensor4D;
  });
}
