import { checkCount, checkShapes, ShapeError, topK, zerosBehind } from '@ltml/tensor';
import * as tf from '@tensorflow/tfjs-core';

/**
 * Top-k pooling: for each image and class, the mean of the k largest similarities over the patches.
 *
 * Axes: B images, N patches, C classes. Each chosen entry gets a gradient of 1/k.
 *
 * Edge cases: k = 1 is max pooling. k ≥ N is mean pooling (the authors' code fails for k > N). In a tie the first
 * entries are chosen.
 *
 * @param similarities [B, N, C]
 * @param k at least 1
 * @returns [B, C]
 * @throws ShapeError, also for N = 0; OptionError
 *
 * Source: He et al. (MKT), AAAI 2023, equation 2.
 */
export function topKPool(similarities: tf.Tensor3D, k: number): tf.Tensor2D {
  const { B, N, C } = checkShapes('topKPool', { similarities: [similarities, 'B N C'] });
  checkCount('topKPool', 'k', k);
  checkPatches('topKPool', 'similarities', N);
  // Some engines fail on empty tensors.
  if (B * C === 0) return zerosBehind([B, C], similarities);
  return tf.tidy(() => meanOfLargest(tf.transpose(similarities, [0, 2, 1]), k) as tf.Tensor2D);
}

/** Mean of the k largest entries of the last axis: [..., N] → [...]. */
export function meanOfLargest(x: tf.Tensor, k: number): tf.Tensor {
  const N = x.shape[x.rank - 1];
  return tf.mean(k < N ? topK(x, k).values : x, -1);
}

/** Checks that there is at least one patch, because the mean of none is undefined. @throws ShapeError */
export function checkPatches(where: string, argument: string, patches: number): void {
  if (patches > 0) return;
  throw new ShapeError({ where, argument, expected: 'at least one patch', received: 'none' });
}
