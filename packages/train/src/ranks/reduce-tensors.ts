import type { Communicator } from '@ltml/tensor/contract';
import * as tf from '@tensorflow/tfjs-core';

/** Numbers that are sent at a time, 25 MB: few enough that the next are copied meanwhile, enough that a start costs nothing. */
const bucketSize = 6_553_600;

/** What the ranks agree on at a step. */
export interface Reduced {
  /** The means over the ranks, in the order of the tensors. */
  readonly means: readonly tf.Tensor[];
  /** How many ranks raised the flag. */
  readonly flags: number;
}

/** A bucket on its way: the tensors that are gone, and their sums once it is `done`. */
interface Sent {
  readonly bucket: readonly tf.Tensor[];
  readonly sums: Float32Array;
  readonly done: Promise<void>;
}

/**
 * Means over the ranks of tensors that every rank has, in buckets: while one is on its way, the one before goes back to the
 * engine, and the one after is copied to the host.
 *
 * Takes the tensors over; the caller owns the means.
 *
 * @param flag what this rank has to say, in the same message
 */
export async function reduceTensors(
  communicator: Communicator,
  tensors: readonly tf.Tensor[],
  flag: boolean,
): Promise<Reduced> {
  const means: tf.Tensor[] = [];
  let flags = 0;
  const take = ({ bucket, sums }: Sent): void => {
    const isFirst = means.length === 0;
    let at = 0;
    for (const { shape, size } of bucket) {
      means.push(tf.tensor(scaled(sums.subarray(at, at + size), 1 / communicator.size), shape, 'float32'));
      at += size;
    }
    if (isFirst) flags = Math.round(sums[at]);
  };
  let sent: Sent | undefined;
  for (const bucket of bucketsOf(tensors)) {
    const sums = await pack(bucket, sent === undefined ? Number(flag) : undefined);
    await sent?.done;
    const done = communicator.allReduce(sums);
    // Handled where it is awaited, after the next bucket is copied.
    done.catch(() => {});
    if (sent) take(sent);
    sent = { bucket, sums, done };
  }
  await sent?.done;
  if (sent) take(sent);
  return { means, flags };
}

function scaled(values: Float32Array, factor: number): Float32Array {
  const products = new Float32Array(values.length);
  for (let i = 0; i < values.length; i++) products[i] = values[i] * factor;
  return products;
}

/** At least one, for the flag. */
function bucketsOf(tensors: readonly tf.Tensor[]): tf.Tensor[][] {
  const buckets: tf.Tensor[][] = [[]];
  let filled = 0;
  for (const tensor of tensors) {
    if (filled > 0 && filled + tensor.size > bucketSize) {
      buckets.push([]);
      filled = 0;
    }
    buckets.at(-1)?.push(tensor);
    filled += tensor.size;
  }
  return buckets;
}

/** The values of tensors one after the other, and behind them the flag. Disposes of the tensors. */
async function pack(tensors: readonly tf.Tensor[], flag: number | undefined): Promise<Float32Array> {
  const size = tensors.reduce((sum, tensor) => sum + tensor.size, 0);
  const packed = new Float32Array(size + (flag === undefined ? 0 : 1));
  let at = 0;
  for (const tensor of tensors) {
    packed.set(await tensor.data<'float32'>(), at);
    at += tensor.size;
    tensor.dispose();
  }
  if (flag !== undefined) packed[at] = flag;
  return packed;
}
