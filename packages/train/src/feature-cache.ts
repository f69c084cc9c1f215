import type { ItemStreams, LabelledInputs } from '@ltml/data';
import { checkCount, checkOptionNames, DataError, OptionError, type RandomStreams } from '@ltml/tensor';
import * as tf from '@tensorflow/tfjs-core';
import { batchesAhead } from './batches-ahead.ts';

export interface CacheFeaturesOptions {
  /** V, augmented views kept of each image besides the plain one; default 0. */
  readonly views?: number;
  /** Where the augmentation of the views draws from; needed if there are views. */
  readonly random?: RandomStreams;
  /** Images at a time; default 64. It changes no number. */
  readonly batchSize?: number;
  /** Told after each batch, as a fraction. */
  readonly onProgress?: (done: number) => void;
  /** Stops between two batches, with the reason of the signal as the error. */
  readonly signal?: AbortSignal;
}

/**
 * Runs a frozen encoder over a data set once and gives a data set of its features.
 *
 * Training a head on them costs next to nothing. Augmentation goes on in a limited form: with V views, a read with
 * streams takes for each image one of its V augmented views at random; a read without (evaluation) takes the plain view. With V = 0 every read gives the plain view.
 *
 * Memory: N · (V + 1) feature vectors on the host.
 *
 * @throws OptionError unless `views` is a whole number from 0 and `batchSize` one from 1; DataError for no images
 * @param encode from inputs [B, …] to features [B, …]; in evaluation mode, so that an image does not depend on its batch
 */
export async function cacheFeatures(
  encode: (inputs: tf.Tensor) => tf.Tensor,
  dataset: LabelledInputs,
  options: CacheFeaturesOptions = {},
): Promise<LabelledInputs> {
  checkOptionNames('cacheFeatures', options, ['views', 'random', 'batchSize', 'onProgress', 'signal']);
  const { views = 0, random, batchSize = 64, onProgress, signal } = options;
  checkCount('cacheFeatures', 'options.views', views, { min: 0 });
  checkCount('cacheFeatures', 'options.batchSize', batchSize);
  const { inputs } = dataset;
  if (views > 0 && !random) {
    throw new OptionError({
      where: 'cacheFeatures',
      argument: 'options.random',
      expected: 'given, for the augmentation of the views',
      received: 'nothing',
    });
  }
  if (inputs.length === 0) {
    throw new DataError({
      where: 'cacheFeatures',
      argument: 'dataset',
      expected: 'at least one image long',
      received: 'none',
    });
  }
  const streamsOf =
    (view: number, start: number): ItemStreams =>
    (row, part = 0) =>
      (random as RandomStreams).derive('views', view, start + row, part);
  let shape: readonly number[] = [];
  const encodeView = async (view: number): Promise<Float32Array> => {
    let features = new Float32Array(0);
    const streams = view === 0 ? {} : { streamsOf: (start: number) => streamsOf(view, start) };
    for await (const { start, count, values } of batchesAhead(inputs, { batchSize, signal, ...streams })) {
      const encoded = tf.tidy(() => encode(tf.tensor(values, [count, ...inputs.shape])));
      shape = encoded.shape.slice(1);
      if (start === 0) features = new Float32Array((inputs.length * encoded.size) / count);
      features.set(await encoded.data(), (start * encoded.size) / count);
      encoded.dispose();
      onProgress?.((view + (start + count) / inputs.length) / (views + 1));
    }
    return features;
  };
  const cached: Float32Array[] = [];
  for (let view = 0; view <= views; view++) cached.push(await encodeView(view));
  const size = shape.reduce((product, n) => product * n, 1);
  return {
    ...dataset,
    name: `${dataset.name}, features`,
    inputs: {
      length: inputs.length,
      shape,
      read: async (indices, streams) => gather(cached, size, indices, streams),
    },
  };
}

/** Features of some images; of a random augmented view each, if there are any and streams to choose by. */
function gather(
  views: readonly Float32Array[],
  size: number,
  indices: ArrayLike<number>,
  streams: ItemStreams | undefined,
): Float32Array {
  const augmented = views.length - 1;
  const gathered = new Float32Array(indices.length * size);
  for (let row = 0; row < indices.length; row++) {
    const view = streams && augmented > 0 ? 1 + streams(row).integer(augmented) : 0;
    gathered.set(views[view].subarray(indices[row] * size, (indices[row] + 1) * size), row * size);
  }
  return gathered;
}
