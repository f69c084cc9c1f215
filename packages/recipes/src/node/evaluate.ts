import type { Scores } from '@ltml/metrics';
import type { ImageSet } from '../build/image-set.ts';
import type { Model } from '../model/open-model.ts';
import { type ModelInputsOptions, withModelInputs } from './features/model-inputs.ts';
import { scoreTest } from './score-test.ts';
import { splitImages } from './split-images.ts';

export interface EvaluateOptions extends ModelInputsOptions {
  /** Any images with their labels, e.g. those of `splitImages`; default the test images of the data set of the model. */
  readonly images?: ImageSet;
}

/**
 * Scores of a model on the test images of the data set that it was trained on, or on its validation images where it has no
 * test images; or on others. Threads read those that lie in files.
 */
export async function evaluate(model: Model, options: EvaluateOptions = {}): Promise<Scores> {
  const { recipe, data, learner, task } = model;
  const { images = await splitImages(data, recipe.seed, 'test'), ...reading } = options;
  const watched = reading.signal ? { signal: reading.signal } : {};
  return withModelInputs(model, images, reading, async (dataset) => {
    const { scores } = await scoreTest(learner, { method: recipe.method, task }, dataset, watched);
    return scores;
  });
}
