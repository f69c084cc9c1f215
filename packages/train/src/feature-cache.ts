import type { InputSource, ItemStreams, LabelledInputs } from '@ltml/data';
import { checkOptionNames, type RandomStreams } from '@ltml/tensor';
import type * as tf from '@tensorflow/tfjs-core';
import { checkEncoded } from './check-encoded.ts';
import { drawView, encodeView } from './encode-view.ts';

/** Options of {@link cacheFeatures}. */
export interface CacheFeaturesOptions {
  /** V, number of augmented views of each image besides the plain one; default 0. */
  readonly views?: number;
  /** Random streams for the augmented views; needed if there are any. */
  readonly random?: RandomStreams;
  /** Images per batch; default 64. It does not change the features. */
  readonly batchSize?: number;
  /** Called after each batch with the fraction done. */
  readonly onProgress?: (done: number) => void;
  /** Stops between two batches; its reason is thrown. */
  readonly signal?: AbortSignal;
}

/**
 * Encodes a data set once with a frozen encoder and returns a data set of its features.
 *
 * Training a head on features is fast. Augmentation is limited to the V stored views: in training, a read takes a
 * random augmented view of each image; in evaluation it takes the plain view. With V = 0 every read takes the plain
 * view.
 *
 * Host memory: N · (V + 1) feature vectors.
 *
 * @param encode maps inputs [B, …] to features [B, …]; the encoder should be in evaluation mode, so that features of an
 * image do not depend on its batch
 * @throws OptionError unless `views` is a whole number from 0 and `batchSize` one from 1
 * @throws DataError for no images
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
  /** Shape of the features of one image. */
  readonly shape: readonly number[];
  /** For each view the features of all images, one after the other. The plain view is the first. */
  readonly views: readonly Float32Array[];
}

/** Computes the features that {@link cacheFeatures} stores. @throws as it does */
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

/** A source of the features, as {@link cacheFeatures} returns it. */
export function inputsOfViews({ shape, views }: ComputedViews): InputSource {
  const size = shape.reduce((product, n) => product * n, 1);
  return {
    length: views[0].length / size,
    shape,
    read: async (indices, streams) => gather(views, size, indices, streams),
  };
}

/** Features of some images. With streams and augmented views, a random augmented view of each. */
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
