import { shareOf } from '@ltml/data';
import { ShapeError, throughHost } from '@ltml/tensor';
import type { Communicator } from '@ltml/tensor/contract';
import * as tf from '@tensorflow/tfjs-core';

/**
 * The rows of a batch from those of each rank's share, [b, …] → [B, …].
 *
 * Every rank computes the loss of the whole batch from them, so that each knows the gradient by every row; it goes back
 * through its own rows only. The gradients of ranks are averaged later, so it is multiplied by their number: parameters
 * before the gathering then get the sum of what the ranks have, those behind it the mean of what is the same everywhere.
 *
 * @param images B
 */
export function gatherRows<T extends tf.Tensor>(communicator: Communicator, rows: T, images: number): T {
  const { rank, size } = communicator;
  const shares = Array.from({ length: size }, (_, other) => shareOf(images, { rank: other, size }));
  const { start, end } = shares[rank];
  // A rank without a share stands by with a row that is not its own.
  const read = Math.max(end - start, 1);
  const [given, ...rest] = rows.shape;
  if (given !== read || rows.dtype !== 'float32') {
    throw new ShapeError({
      where: 'StepContext.gather',
      argument: 'rows',
      expected: `float32 [${[read, ...rest]}], a row for each image of this rank's share`,
      received: `${rows.dtype} [${rows.shape}]`,
    });
  }
  const width = tf.util.sizeFromShape(rest);
  const lengths = shares.map((share) => (share.end - share.start) * width);
  const exchange = (values: Float32Array): Float32Array =>
    communicator.allGather(values.subarray(0, lengths[rank]), lengths);
  const gathered = tf.customGrad(() => ({
    value: throughHost([rows], [[images, ...rest]], ([values]) => [exchange(values)])[0],
    gradFunc: (dy: tf.Tensor) =>
      end === start ? [tf.zeros([read, ...rest])] : [tf.tidy(() => tf.mul(tf.slice(dy, start, end - start), size))],
  }));
  return gathered(rows) as T;
}
