import { checkCount, checkShapes, OptionError, topK } from '@ltml/tensor';
import * as tf from '@tensorflow/tfjs-core';
import { type PrincipalDirection, principalDirection } from './principal-direction.ts';

/**
 * The scores of a class that are merged: those of its compound prompts, in ascending order for each image, then its own
 * score as the last column. So column i is the i-th smallest score, whichever prompt it comes from.
 *
 * @param compound [N, M] scores of all compound prompts
 * @param places indices of the compound prompts of the class, below M
 * @param own [N] scores of the class
 * @returns [N, K] with K = number of places + 1
 * @throws ShapeError, OptionError
 */
export function rankedScores(compound: tf.Tensor2D, places: readonly number[], own: tf.Tensor1D): tf.Tensor2D {
  const { N, M } = checkShapes('rankedScores', { compound: [compound, 'N M'], own: [own, 'N'] });
  checkPlaces('rankedScores', 'places', places, M);
  if (N === 0) return tf.zeros([0, places.length + 1]);
  return tf.tidy(() => {
    const last = tf.expandDims(own, 1) as tf.Tensor2D;
    if (places.length === 0) return last;
    const prompts = tf.gather(compound, tf.tensor1d([...places], 'int32'), 1);
    return tf.concat([tf.neg<tf.Tensor2D>(topK(tf.neg(prompts), places.length).values as tf.Tensor2D), last], 1);
  });
}

/**
 * Merges scores by their first principal direction; see {@link principalDirection}. The merged scores are not centred.
 *
 * @param scores [N, K]
 * @returns `merged` [N], which the caller disposes, and the direction
 * @throws OptionError unless N > K
 *
 * Source: SPARC, CVPR 2025, released code.
 */
export async function mergeScores(scores: tf.Tensor2D): Promise<PrincipalDirection & { merged: tf.Tensor1D }> {
  const { N, K } = checkShapes('mergeScores', { scores: [scores, 'N K'] });
  if (N <= K) {
    const expected = `more images than its ${K} columns`;
    throw new OptionError({ where: 'mergeScores', argument: 'scores', expected, received: `${N}` });
  }
  const covariance = tf.tidy(() => {
    const centred = tf.sub<tf.Tensor2D>(scores, tf.mean(scores, 0, true));
    return tf.div(tf.matMul(centred, centred, true, false), N - 1);
  });
  const found = principalDirection(await covariance.data(), K);
  covariance.dispose();
  return { ...found, merged: mergedBy(scores, found.direction) };
}

/** Checks that all places are indices of M prompts. @throws OptionError */
export function checkPlaces(where: string, argument: string, places: readonly number[], M: number): void {
  for (const [i, place] of places.entries()) checkCount(where, `${argument}[${i}]`, place, { min: 0, max: M - 1 });
}

/** [N] the weighted sum of columns [N, K]. */
export function mergedBy(scores: tf.Tensor2D, direction: ArrayLike<number>): tf.Tensor1D {
  return tf.tidy(() => tf.sum(tf.mul(scores, tf.tensor1d(Float32Array.from(direction))), 1));
}
