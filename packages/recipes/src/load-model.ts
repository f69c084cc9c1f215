import type { ModelDescription } from './model/model-description.ts';
import type { ModelFiles } from './model/model-files.ts';
import { type Model, type ModelContents, openModel } from './model/open-model.ts';
import { parseDescription } from './model/read-description.ts';
import { readTensors } from './model/read-tensors.ts';
import { urlFiles } from './model/url-files.ts';
import { UsageError } from './usage-error.ts';

/**
 * Loads a model bundle, which has all that is needed to use a trained model. Works in browsers and in Node.
 *
 * @param source URL of the bundle's folder or of its `model.json`, or a reader of its files. To load from a path or a
 * run folder, use `loadModel` of `@ltml/recipes/node`
 * @throws UsageError if there is no model, or its run has not finished
 * @throws DataError if the files are damaged or do not fit together
 */
export async function loadModel(source: URL | ModelFiles): Promise<Model> {
  const { description, contents } = await readBundle(source instanceof URL ? urlFiles(source) : source);
  return openModel(description, contents);
}

/** A bundle: its description and its contents. */
export interface Bundle {
  readonly description: ModelDescription;
  readonly contents: ModelContents;
}

/** Reads the bundle of a finished run; see {@link loadModel}. */
export async function readBundle(files: ModelFiles): Promise<Bundle> {
  const description = parseDescription(await files.text('model.json'), files.place('model.json'));
  const { weights, text } = description;
  if (!weights) throw new UsageError(`${files.place('model.json')}: its run has not finished`);
  const tensors = readTensors(await files.tensors(weights.file, weights.sha256), weights);
  const tokenizer = text && (await files.text(text.tokenizer));
  const { kind, sha256: hash } = weights;
  const contents = { tensors, kind, hash, ...(tokenizer !== undefined && { tokenizer }) };
  return { description, contents };
}
