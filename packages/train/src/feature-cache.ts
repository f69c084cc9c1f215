import type { InputSource, ItemStreams, LabelledInputs } from '@ltml/data';
import { checkOptionNames, type RandomStreams } from '@ltml/tensor';
import type * as tf from '@tensorflow/tfjs-core';
import { checkEncoded } from './check-encoded.ts';
import { drawView, encodeView } from './encode-view.ts';

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
  const { shape, views } = await computeViews(encode, dataset.inputs, options);
  return { ...dataset, name: `${dataset.name}, features`, inputs: inputsOfViews({ shape, views }) };
}

/** Features of images in each of their views. */
export interface ComputedViews {
  /** Of one image. */
  readonly shape: readonly number[];
  /** Of all images one after the other: the plain view first, then the augmented ones. */
  readonly views: readonly Float32Array[];
}

/** What {@link cacheFeatures} keeps. @throws as it does */
export async function computeViews(
  encode: (inputs: tf.Tensor) => tf.Tensor,
  inputs: InputSource,
  options: CacheFeaturesOptions = {},
): Promise<ComputedViews> {
  checkOptionNames('cacheFeatures', options, ['views', 'random', 'batchSize', 'onProgress', 'signal']);
  const { views = 0, random, batchSize = 64, onProgress, signal } = options;
  checkEncoded('cacheFeatures', inputs, { views, random, batchSize });
  let shape: readonly number[] = [];
  const computeView = async (view: number): Promise<Float32Array> => {
    let computed = new Float32Array(0);
    for await (const batch of encodeView(encode, inputs, { view, random, batchSize, signal })) {
      const { start, count, features } = batch;
      shape = batch.shape;
      if (start === 0) computed = new Float32Array((inputs.length * features.length) / count);
      computed.set(features, (start * features.length) / count);
      onProgress?.((view + (start + count) / inputs.length) / (views + 1));
    }
    return computed;
  };
  const computed: Float32Array[] = [];
  for (let view = 0; view <= views; view++) computed.push(await computeView(view));
  return { shape, views: computed };
}

/** What a data set of {@link cacheFeatures} reads. */
export function inputsOfViews({ shape, views }: ComputedViews): InputSource {
  const size = shape.reduce((product, n) => product * n, 1);
  return {
    length: views[0].length / size,
    shape,
    read: async (indices, streams) => gather(views, size, indices, streams),
  };
}

/** Features of some images; of a random augmented view each, if there are any and streams to choose by. */
function gather(
  views: readonly Float32Array[],
  size: number,
  indices: ArrayLike<number>,
  streams: ItemStreams | undefined,
): Float32Array {
  const gathered = new Float32Array(indices.length * size);
  for (let row = 0; row < indices.length; row++) {
    const view = drawView(views.length - 1, row, streams);
    gathered.set(views[view].subarray(indices[row] * size, (indices[row] + 1) * size), row * size);
  }
  return gathered;
}
