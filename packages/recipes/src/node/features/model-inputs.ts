import type { LabelledInputs } from '@ltml/data';
import { cacheFeatures } from '@ltml/train';
import type { ImageSet } from '../../build/image-set.ts';
import type { StoredInputs } from '../../build/stored-inputs.ts';
import type { Model } from '../../model/open-model.ts';
import { picturePool } from '../picture-pool.ts';
import { picturesOf } from '../pictures.ts';
import { featureFinder } from './find-features.ts';

/** Options of `withModelInputs`. */
export interface ModelInputsOptions {
  /** Folder of `ltml encode`: features are read from there if they fit. Left out: they are computed. */
  readonly features?: string;
  /** Called if features are read from disk. */
  readonly onStored?: (stored: StoredInputs) => void;
  /** Called with the fraction of features that are computed. */
  readonly onProgress?: (done: number) => void;
  /** Ends the work between two batches; its reason is thrown. */
  readonly signal?: AbortSignal;
}

/**
 * Calls `work` with a model's inputs of images: features of a frozen encoder, read from disk or computed, or the
 * images. Threads read pictures from files.
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
