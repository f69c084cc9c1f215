import type { ModelFiles } from '../model/model-files.ts';
import { type Model, openModel } from '../model/open-model.ts';
import { type LoadModelOptions, readAnyBundle } from './read-bundle.ts';

/**
 * Loads a trained model with the weights that its scores were computed with. Neither training data nor other files of
 * the recipe are needed. An unfinished run gives its newest checkpoint, with averaged weights if it averages them.
 *
 * @param source folder of a run or a model bundle; or the URL of a bundle, also as a string that begins with `http`
 * @throws UsageError if there is no model
 * @throws DataError if its files are damaged or do not fit together
 */
export async function loadModel(source: string | URL | ModelFiles, options: LoadModelOptions = {}): Promise<Model> {
  const { description, contents } = await readAnyBundle(source, options);
  return openModel(description, contents);
}
