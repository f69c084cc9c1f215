import type { ModelFiles } from '../model/model-files.ts';
import { type Model, openModel } from '../model/open-model.ts';
import { type LoadModelOptions, readAnyBundle } from './read-bundle.ts';

/**
 * Loads what a run learned: the weights that its scores were computed with. Neither training data nor other files of the
 * recipe are needed. A run that has not finished gives its newest checkpoint, with averaged weights where it averages.
 *
 * @param source the folder of a run or of a model bundle; or the URL of a bundle (an address that begins with http)
 * @throws UsageError if there is no model; DataError if its files are broken or do not fit
 */
export async function loadModel(source: string | URL | ModelFiles, options: LoadModelOptions = {}): Promise<Model> {
  const { description, contents } = await readAnyBundle(source, options);
  return openModel(description, contents);
}
