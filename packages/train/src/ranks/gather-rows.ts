import { shareOf } from '@ltml/data';
import { ShapeError, throughHost } from '@ltml/tensor';
import type { Communicator } from '@ltml/tensor/contract';
import * as tf from '@tensorflow/tfjs-core';

/**
 * Gathers the rows of a batch from the shares of all ranks, [b, …] → [B, …].
 *
 * Every rank then computes the loss of the whole batch, so each knows the gradient of every row. In the backward pass,
 * each rank uses only the gradient of its own rows, multiplied by the number of ranks. The multiplication is needed
 * because the gradients of ranks are averaged later: parameters before the gathering then get the sum over ranks.
 * Parameters after it have equal gradients on all ranks, and get their mean.
 *
 * @param images B, the number of images in the batch
 * @throws ShapeError unless there is one float32 row for each image of this rank's share
 */
export function gatherRows<T extends tf.Tensor>(communicator: Communicator, rows: T, images: number): T {
  const { rank, size } = communicator;
  const shares = Array.from({ length: size }, (_, other) => shareOf(images, { rank: other, size }));
  const { start, end } = shares[rank];
  // A rank with an empty share still computes one row, which is not used.
  const read = Math.max(end - start, 1);
  const [given, ...rest] = rows.shape;
  if (given !== read || rows.dtype !== 'float32') {
    throw new ShapeError({
      where: 'StepContext.gather',
      argument: 'rows',
      expected: `float32 [${[read, ...rest]}], one row for each image of this rank's share`,
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
