import type { Scores } from '@ltml/metrics';
import type { ImageSet } from '../build/image-set.ts';
import type { Model } from '../model/open-model.ts';
import { type ModelInputsOptions, withModelInputs } from './features/model-inputs.ts';
import { scoreTest } from './score-test.ts';
import { splitImages } from './split-images.ts';

/** Options of {@link evaluate}. */
export interface EvaluateOptions extends ModelInputsOptions {
  /** Any images with labels, e.g. from `splitImages`; default: the test images of the model's data set. */
  readonly images?: ImageSet;
}

/**
 * Scores of a model, by default on the test images of its data set (or the validation images, if it has no test
 * images). Threads read pictures from files.
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
