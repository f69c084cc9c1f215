import type { Scores } from '@ltml/metrics';
import { cacheFeatures, evaluate } from '@ltml/train';
import { asDataset } from './experiment.ts';
import type { Model } from './load-model.ts';
import { datasets } from './parts/datasets.ts';

/**
 * Scores of a model on the test images of its recipe; training images are not looked at.
 *
 * @param onProgress told how far the features of the images are, where the encoder rests
 */
export async function evaluateModel(model: Model, onProgress: (done: number) => void = () => {}): Promise<Scores> {
  const { recipe, learner, statistics, encode } = model;
  const { test } = await datasets.create(recipe.data, undefined);
  const pictures = asDataset(test, { statistics });
  const dataset = recipe.cachedViews === null ? pictures : await cacheFeatures(encode, pictures, { onProgress });
  return evaluate(learner, dataset, { batchSize: recipe.evaluation.batchSize });
}
