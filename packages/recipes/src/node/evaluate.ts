import type { Scores } from '@ltml/metrics';
import { cacheFeatures } from '@ltml/train';
import type { ImageSet } from '../build/image-set.ts';
import type { Model } from '../model/open-model.ts';
import { picturePool } from './picture-pool.ts';
import { picturesOf } from './pictures.ts';
import { scoreTest } from './score-test.ts';
import { splitImages } from './split-images.ts';

export interface EvaluateOptions {
  /** Any images with their labels, e.g. those of `splitImages`; default the test images of the data set of the model. */
  readonly images?: ImageSet;
  /** Told how far the features of the images are, where the encoder rests; in [0, 1]. */
  readonly onProgress?: (done: number) => void;
  /** Ends the work between two batches, with its reason as the error. */
  readonly signal?: AbortSignal;
}

/**
 * Scores of a model on the test images of the data set that it was trained on, or on its validation images where it has no
 * test images; or on others. Threads read those that lie in files.
 */
export async function evaluate(model: Model, options: EvaluateOptions = {}): Promise<Scores> {
  const { recipe, data, learner, task, pipeline, encode } = model;
  const { images = await splitImages(data, recipe.seed, 'test'), ...watched } = options;
  const pool = picturePool(images.images.length);
  try {
    const pictures = picturesOf(images, pipeline, pool);
    const dataset = recipe.frozen ? await cacheFeatures(encode, pictures, watched) : pictures;
    const { signal } = watched;
    const { scores } = await scoreTest(learner, { method: recipe.method, task }, dataset, signal ? { signal } : {});
    return scores;
  } finally {
    await pool.close();
  }
}
