import type { Scores } from '@ltml/metrics';
import { cacheFeatures } from '@ltml/train';
import type { ImageSet } from '../build/image-set.ts';
import { picturesOf } from '../build/pictures.ts';
import { splitImages } from '../build/splits.ts';
import type { Model } from '../model/open-model.ts';
import { scoreTest } from './score-test.ts';

export interface EvaluateOptions {
  /**
   * What is scored; default the test images of the data set that the model was trained on, or its validation images where it
   * has no test images.
   */
  readonly images?: ImageSet;
  /** Told how far the features of the images are, where the encoder rests; in [0, 1]. */
  readonly onProgress?: (done: number) => void;
  /** Ends the work between two batches, with its reason as the error. */
  readonly signal?: AbortSignal;
}

/** Scores of a model on images with their labels; training images are not looked at. */
export async function evaluate(model: Model, options: EvaluateOptions = {}): Promise<Scores> {
  const { recipe, data, learner, task, pipeline, encode } = model;
  const { images, ...others } = options;
  const pictures = picturesOf(images ?? (await splitImages(data, recipe.seed, 'test')), pipeline);
  const dataset = recipe.frozen ? await cacheFeatures(encode, pictures, others) : pictures;
  const { signal } = options;
  const { scores } = await scoreTest(learner, { method: recipe.method, task }, dataset, signal ? { signal } : {});
  return scores;
}
