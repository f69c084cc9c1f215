import type { LabelledInputs } from '@ltml/data';
import { cacheFeatures } from '@ltml/train';
import type { ImageSet } from '../../build/image-set.ts';
import type { StoredInputs } from '../../build/stored-inputs.ts';
import type { Model } from '../../model/open-model.ts';
import { picturePool } from '../picture-pool.ts';
import { picturesOf } from '../pictures.ts';
import { featureFinder } from './find-features.ts';

export interface ModelInputsOptions {
  /** Where `ltml encode` keeps features; those that fit are taken from there. Left out, all are computed. */
  readonly features?: string;
  /** Told of features that are taken from disk. */
  readonly onStored?: (stored: StoredInputs) => void;
  /** Told how far the features are that are computed, in [0, 1]. */
  readonly onProgress?: (done: number) => void;
  /** Ends the work between two batches, with its reason as the error. */
  readonly signal?: AbortSignal;
}

/**
 * Works with what a model takes in of images: features of an encoder that rests, from disk or computed, or the images
 * themselves. Threads read those that lie in files.
 */
export async function withModelInputs<T>(
  model: Model,
  images: ImageSet,
  { features, onStored, ...watched }: ModelInputsOptions,
  work: (dataset: LabelledInputs) => Promise<T>,
): Promise<T> {
  const { recipe, pipeline, encode, encoder, encodings } = model;
  const pool = picturePool(images.images.length);
  let stored: StoredInputs | undefined;
  try {
    const pictures = picturesOf(images, pipeline, pool);
    if (!recipe.frozen) return await work(pictures);
    if (features !== undefined) {
      const find = featureFinder(features, recipe.encoder, encoder, encodings);
      stored = await find(images.images, pipeline, pictures.inputs.shape, 0);
    }
    if (!stored) return await work(await cacheFeatures(encode, pictures, watched));
    onStored?.(stored);
    return await work({ ...pictures, inputs: stored.inputs });
  } finally {
    await stored?.close();
    await pool.close();
  }
}
