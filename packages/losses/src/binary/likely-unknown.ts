import * as tf from '@tensorflow/tfjs-core';
import { canLook } from '../core/host.ts';

/**
 * Which unknown labels are most likely present: those with the largest logits, `topK`·B of the batch or `topK` of each
 * image, all if there are fewer. Of equal logits the ones of earlier images and classes come first.
 *
 * @param logits [B, C]
 * @param known [B, C] 1 known, 0 not
 * @returns [B, C] 1 for those, 0 for others
 */
export function likelyUnknown(
  logits: tf.Tensor2D,
  known: tf.Tensor2D,
  topK: number,
  among: 'batch' | 'image',
): tf.Tensor2D {
  const [B, C] = logits.shape;
  const [lines, length, count] = among === 'batch' ? [1, B * C, topK * B] : [B, C, topK];
  if (canLook()) {
    const chosen = new Float32Array(B * C);
    const [x, mask] = [logits.dataSync(), known.dataSync()];
    for (let start = 0; start < B * C; start += length) markLargest(x, mask, start, start + length, count, chosen);
    return tf.tensor2d(chosen, [B, C]);
  }
  const unknown = tf.sub<tf.Tensor2D>(1, known);
  if (count >= length) return unknown;
  // Known ones come last; what is chosen of them is taken back.
  const scores = tf.reshape(tf.where(tf.cast(known, 'bool'), tf.fill([B, C], -3e38), logits), [lines, length]);
  const { indices } = tf.topk(scores, count);
  const starts = tf.mul(tf.range(0, lines, 1, 'int32'), length);
  const places = tf.reshape(tf.add(indices, tf.reshape(starts, [lines, 1])), [-1, 1]);
  const marks = tf.scatterND(tf.cast(places, 'int32'), tf.ones([lines * count]), [B * C]);
  return tf.mul(tf.reshape(marks, [B, C]), unknown);
}

function markLargest(
  x: ArrayLike<number>,
  known: ArrayLike<number>,
  start: number,
  end: number,
  count: number,
  marks: Float32Array,
): void {
  let size = 0;
  const values = new Float32Array(end - start);
  for (let i = start; i < end; i++) if (known[i] === 0) values[size++] = x[i];
  // A typed array sorts numbers, NaN last.
  const bound = size > count ? values.subarray(0, size).sort()[size - count] : -Infinity;
  let left = count;
  for (let i = start; i < end; i++) if (known[i] === 0 && x[i] > bound) left -= marks[i] = 1;
  for (let i = start; i < end && left > 0; i++) if (known[i] === 0 && x[i] === bound) left -= marks[i] = 1;
}
