import * as tf from '@tensorflow/tfjs-core';
import { canLook } from '../core/host.ts';
import { findLossKernel } from '../core/loss-kernel.ts';

/**
 * Marks the unknown labels that are most likely present: those with the largest logits. That is `topK`·B labels in the
 * batch, or `topK` in each image; all of them if there are fewer. Of equal logits, earlier images and classes come
 * first.
 *
 * @param logits [B, C]
 * @param known [B, C] 1 known, 0 not
 * @returns [B, C] 1 for the marked labels, 0 for all others
 */
export function likelyUnknown(
  logits: tf.Tensor2D,
  known: tf.Tensor2D,
  topK: number,
  among: 'batch' | 'image',
): tf.Tensor2D {
  const [B, C] = logits.shape;
  const [lines, length, count] = among === 'batch' ? [1, B * C, topK * B] : [B, C, topK];
  const kernel = findLossKernel('ltml/LikelyUnknown');
  if (kernel) return kernel({ logits, known, scale: tf.scalar(1) }, { count, byImage: Number(among === 'image') })[1];
  if (canLook()) {
    const chosen = new Float32Array(B * C);
    const [x, mask] = [logits.dataSync(), known.dataSync()];
    for (let start = 0; start < B * C; start += length) markLargest(x, mask, start, start + length, count, chosen);
    return tf.tensor2d(chosen, [B, C]);
  }
  const unknown = tf.sub<tf.Tensor2D>(1, known);
  if (count >= length) return unknown;
  // Known labels come last; those chosen nevertheless are unmarked.
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
  const bound = leastOfLargest(x, known, start, end, count);
  let left = count;
  for (let i = start; i < end; i++) if (known[i] === 0 && x[i] > bound) left -= marks[i] = 1;
  for (let i = start; i < end && left > 0; i++) if (known[i] === 0 && x[i] === bound) left -= marks[i] = 1;
}

/** The `count`-th largest unknown logit, counting equal ones; −∞ if there are fewer. */
function leastOfLargest(
  x: ArrayLike<number>,
  known: ArrayLike<number>,
  start: number,
  end: number,
  count: number,
): number {
  // A min-heap of the largest logits so far: for nearly all entries one comparison with its root is enough.
  const heap = new Float32Array(Math.min(count, end - start));
  let size = 0;
  for (let i = start; i < end; i++) {
    if (known[i] !== 0 || Number.isNaN(x[i])) continue;
    if (size < count) siftUp(heap, size++, x[i]);
    else if (x[i] > heap[0]) siftDown(heap, x[i]);
  }
  return size < count ? -Infinity : heap[0];
}

function siftUp(heap: Float32Array, place: number, value: number): void {
  let at = place;
  for (let parent = (at - 1) >> 1; at > 0 && heap[parent] > value; parent = (at - 1) >> 1) {
    heap[at] = heap[parent];
    at = parent;
  }
  heap[at] = value;
}

/** Replaces the root and restores the heap. */
function siftDown(heap: Float32Array, value: number): void {
  let at = 0;
  for (let child = 1; child < heap.length; child = 2 * at + 1) {
    if (child + 1 < heap.length && heap[child + 1] < heap[child]) child++;
    if (heap[child] >= value) break;
    heap[at] = heap[child];
    at = child;
  }
  heap[at] = value;
}
