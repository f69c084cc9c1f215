import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { loadModel as loadBundle } from '../load-model.ts';
import type { ModelFiles } from '../model/model-files.ts';
import { type Model, openModel } from '../model/open-model.ts';
import { parseDescription } from '../model/read-description.ts';
import { UsageError } from '../usage-error.ts';
import { folderFiles } from './folder-files.ts';
import { readCheckpoint } from './read-checkpoint.ts';

export interface LoadModelOptions {
  /** Take the weights that a run selected, and nothing else; of a finished run these are its weights if it selects. */
  readonly best?: boolean;
  /** Told of what is wrong and does not keep the model from being used, e.g. a broken checkpoint. */
  readonly onWarning?: (message: string) => void;
}

/**
 * Loads what a run learned: the weights that its scores were computed with. Neither training data nor other files of the
 * recipe are needed. A run that has not finished gives its newest checkpoint, with averaged weights where it averages.
 *
 * @param source the folder of a run or of a model bundle; or the URL of a bundle (an address that begins with http)
 * @throws UsageError if there is no model; DataError if its files are broken or do not fit
 */
export async function loadModel(source: string | URL | ModelFiles, options: LoadModelOptions = {}): Promise<Model> {
  if (typeof source !== 'string') return loadBundle(source);
  if (/^https?:\/\//.test(source)) return loadBundle(new URL(source));
  const { best = false, onWarning } = options;
  const inRun = existsSync(join(source, 'model', 'model.json'));
  const files = folderFiles(inRun ? join(source, 'model') : source);
  const description = parseDescription(await files.text('model.json'), files.place('model.json'));
  if (!description.weights) {
    const contents = await readCheckpoint(source, description, { best, ...(onWarning && { onWarning }) });
    return openModel(description, contents);
  }
  if (best && description.weights.kind !== 'best') throw new UsageError(`${source}: no selected weights in it`);
  return loadBundle(files);
}
