import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { type Bundle, readBundle } from '../load-model.ts';
import type { ModelFiles } from '../model/model-files.ts';
import { parseDescription } from '../model/read-description.ts';
import { urlFiles } from '../model/url-files.ts';
import { UsageError } from '../usage-error.ts';
import { folderFiles } from './folder-files.ts';
import { readCheckpoint } from './read-checkpoint.ts';

/** Options of `loadModel` in Node. */
export interface LoadModelOptions {
  /** Load the weights that the run selected; default false. Fails if the run has none. */
  readonly best?: boolean;
  /** Called for problems that do not stop loading, e.g. a damaged checkpoint. */
  readonly onWarning?: (message: string) => void;
}

/** Reads a trained model from the folder of a run, or from the folder or URL of a bundle; see `loadModel`. */
export async function readAnyBundle(
  source: string | URL | ModelFiles,
  options: LoadModelOptions = {},
): Promise<Bundle> {
  if (source instanceof URL) return readBundle(urlFiles(source));
  if (typeof source !== 'string') return readBundle(source);
  if (/^https?:\/\//.test(source)) return readBundle(urlFiles(new URL(source)));
  const { best = false, onWarning } = options;
  const inRun = existsSync(join(source, 'model', 'model.json'));
  const files = folderFiles(inRun ? join(source, 'model') : source);
  const description = parseDescription(await files.text('model.json'), files.place('model.json'));
  if (!description.weights) {
    const contents = await readCheckpoint(source, description, { best, ...(onWarning && { onWarning }) });
    return { description, contents };
  }
  if (best && description.weights.kind !== 'best') throw new UsageError(`${source}: has no selected weights`);
  return readBundle(files);
}
