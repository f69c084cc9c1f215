import { topK } from '@ltml/tensor';
import * as tf from '@tensorflow/tfjs-core';

/** The score of a missing compound prompt, below every real score. */
const none = -1e30;

/**
 * The scores of every class, [B, K, R]: its R − 1 compound prompts in ascending order, then its own score. A class with
 * fewer compound prompts has zeros in front. It handles all classes at once; {@link rankedScores} handles one class.
 *
 * @param own [B, K] scores of the classes
 * @param compound [B, M] scores of the compound prompts; undefined if no class has any
 * @param members for each class the indices of its compound prompts
 */
export function allRankedScores(
  own: tf.Tensor2D,
  compound: tf.Tensor2D | undefined,
  members: readonly (readonly number[])[],
): tf.Tensor3D {
  const last = tf.expandDims<tf.Tensor3D>(own, 2);
  const most = mostMembers(members);
  if (!compound || most === 0) return last;
  const [B, M] = compound.shape;
  const places = members.flatMap((row) => [...row, ...new Array<number>(most - row.length).fill(M)]);
  const filled = tf.concat([compound, tf.fill<tf.Rank.R2>([B, 1], none)], 1);
  const scores = tf.reshape(tf.gather(filled, tf.tensor1d(places, 'int32'), 1), [B, members.length, most]);
  const sorted = tf.neg<tf.Tensor3D>(topK(tf.neg(scores), most).values as tf.Tensor3D);
  const given = tf.cast(tf.greater(sorted, none / 10), 'float32');
  return tf.concat([tf.mul<tf.Tensor3D>(sorted, given), last], 2);
}

/** R − 1, the largest number of compound prompts of a class. */
export function mostMembers(members: readonly (readonly number[])[]): number {
  return members.reduce((most, { length }) => Math.max(most, length), 0);
}
