import type { Scores } from '@ltml/metrics';
import { cacheFeatures } from '@ltml/train';
import type { ImageSet } from '../build/image-set.ts';
import type { Model } from '../model/open-model.ts';
import type { EvaluateOptions } from './evaluate.ts';
import { picturesOf } from './pictures.ts';
import { scoreTest } from './score-test.ts';

/** Scores of a model on any images with their labels, e.g. those of `splitImages`. */
export async function evaluateImages(model: Model, images: ImageSet, options: EvaluateOptions = {}): Promise<Scores> {
  const { recipe, learner, task, pipeline, encode } = model;
  const pictures = picturesOf(images, pipeline);
  const dataset = recipe.frozen ? await cacheFeatures(encode, pictures, options) : pictures;
  const { signal } = options;
  const { scores } = await scoreTest(learner, { method: recipe.method, task }, dataset, signal ? { signal } : {});
  return scores;
}
