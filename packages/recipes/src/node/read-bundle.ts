import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { type Bundle, readBundle } from '../load-model.ts';
import type { ModelFiles } from '../model/model-files.ts';
import { parseDescription } from '../model/read-description.ts';
import { urlFiles } from '../model/url-files.ts';
import { UsageError } from '../usage-error.ts';
import { folderFiles } from './folder-files.ts';
import { readCheckpoint } from './read-checkpoint.ts';

export interface LoadModelOptions {
  /** Take the weights that a run selected, and nothing else; of a finished run these are its weights if it selects. */
  readonly best?: boolean;
  /** Told of what is wrong and does not keep the model from being used, e.g. a broken checkpoint. */
  readonly onWarning?: (message: string) => void;
}

/** What a run learned, from its folder or from a bundle's folder or address; see `loadModel`. */
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
  if (best && description.weights.kind !== 'best') throw new UsageError(`${source}: no selected weights in it`);
  return readBundle(files);
}
