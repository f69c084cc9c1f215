import type { InputSource, ItemStreams } from '@ltml/data';
import type { RandomStreams } from '@ltml/tensor';
import * as tf from '@tensorflow/tfjs-core';
import { batchesAhead } from './batches-ahead.ts';

/** Features of some images, one after the other, in one view. */
export interface EncodedBatch {
  /** The first image of them. */
  readonly start: number;
  readonly count: number;
  /** Of one image. */
  readonly shape: readonly number[];
  /** [B, …shape] */
  readonly features: Float32Array;
}

export interface EncodeViewOptions {
  /** 0: the plain view. */
  readonly view: number;
  /** Where the augmentation of the other views draws from. */
  readonly random: RandomStreams | undefined;
  readonly batchSize: number;
  /** First images of the batches that are wanted; default all. */
  readonly starts?: readonly number[];
  readonly signal?: AbortSignal | undefined;
}

/** Runs an encoder over one view of the images; the next batch is read while one is encoded. */
export async function* encodeView(
  encode: (inputs: tf.Tensor) => tf.Tensor,
  inputs: InputSource,
  { view, random, batchSize, starts, signal }: EncodeViewOptions,
): AsyncGenerator<EncodedBatch> {
  const streamsOf =
    (start: number): ItemStreams =>
    (row, part = 0) =>
      (random as RandomStreams).derive('views', view, start + row, part);
  const augmented = view === 0 ? {} : { streamsOf };
  const chosen = starts ? { starts } : {};
  for await (const { start, count, values } of batchesAhead(inputs, { batchSize, signal, ...chosen, ...augmented })) {
    const encoded = tf.tidy(() => encode(tf.tensor(values, [count, ...inputs.shape])));
    try {
      yield { start, count, shape: encoded.shape.slice(1), features: await encoded.data<'float32'>() };
    } finally {
      encoded.dispose();
    }
  }
}

/** The view that a read takes of an image: in training an augmented one at random, if there are any, otherwise the plain one. */
export function drawView(views: number, row: number, streams: ItemStreams | undefined): number {
  return streams && views > 0 ? 1 + streams(row).integer(views) : 0;
}
