import { checkCount, checkShapes, ShapeError, topK, zerosBehind } from '@ltml/tensor';
import * as tf from '@tensorflow/tfjs-core';

/**
 * Mean of the k largest similarities of each class over the patches of an image.
 *
 * Axes: B images, N patches, C classes. The patches are chosen for each image and class anew; each chosen entry gets a
 * gradient of 1/k.
 *
 * Edge cases: k = 1 is max pooling, k ≥ N mean pooling (the authors' code throws for k > N); of equal entries the first
 * are taken.
 *
 * @param similarities [B, N, C]
 * @param k from 1
 * @returns [B, C]
 * @throws ShapeError, also without a patch; OptionError
 * Source: He et al. (MKT), AAAI 2023, equation 2.
 */
export function topKPool(similarities: tf.Tensor3D, k: number): tf.Tensor2D {
  const { B, N, C } = checkShapes('topKPool', { similarities: [similarities, 'B N C'] });
  checkCount('topKPool', 'k', k);
  checkPatches('topKPool', 'similarities', N);
  // Kernels of some engines fail on tensors without entries.
  if (B * C === 0) return zerosBehind([B, C], similarities);
  return tf.tidy(() => meanOfLargest(tf.transpose(similarities, [0, 2, 1]), k) as tf.Tensor2D);
}

/** The same over the last axis: [..., N] → [...]. */
export function meanOfLargest(x: tf.Tensor, k: number): tf.Tensor {
  const N = x.shape[x.rank - 1];
  return tf.mean(k < N ? topK(x, k).values : x, -1);
}

/** Of no patches there is no mean. */
export function checkPatches(where: string, argument: string, patches: number): void {
  if (patches > 0) return;
  throw new ShapeError({ where, argument, expected: 'of at least one patch', received: 'none' });
}
