import type { InputSource, ItemStreams } from '@ltml/data';
import type { RandomStreams } from '@ltml/tensor';
import * as tf from '@tensorflow/tfjs-core';
import { batchesAhead } from './batches-ahead.ts';

/** Features of consecutive images in one view. */
export interface EncodedBatch {
  /** Index of the first image. */
  readonly start: number;
  readonly count: number;
  /** Shape of the features of one image. */
  readonly shape: readonly number[];
  /** [B, …shape] */
  readonly features: Float32Array;
}

/** Options of {@link encodeView}. */
export interface EncodeViewOptions {
  /** Number of the view; 0: the plain view. */
  readonly view: number;
  /** Random streams of the augmented views. */
  readonly random: RandomStreams | undefined;
  readonly batchSize: number;
  /** First images of the wanted batches; default: all batches. */
  readonly starts?: readonly number[];
  readonly signal?: AbortSignal | undefined;
}

/** Encodes images in one view. The next batch is read while the current one is encoded. */
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

/**
 * The view to read for an image: in training (with streams) a random augmented view, if there are any; otherwise the
 * plain view.
 */
export function drawView(views: number, row: number, streams: ItemStreams | undefined): number {
  return streams && views > 0 ? 1 + streams(row).integer(views) : 0;
}
