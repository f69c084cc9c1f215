import type { ModelInputsOptions } from '@ltml/recipes/node';
import type { ProgressLine } from '../progress-line.ts';
import { describeStorage } from './describe-storage.ts';

/**
 * Takes features of a model's encoder from a folder where they fit, and says so; shows progress where they are computed.
 *
 * @param doing what the progress is of
 */
export function featuresFrom(
  folder: string | undefined,
  line: ProgressLine,
  doing = 'computing features',
): ModelInputsOptions {
  return {
    ...(folder !== undefined && { features: folder }),
    onStored: ({ folder: found, storage, error }) =>
      line.print(`features: from ${found} (${describeStorage(storage, error)})`),
    onProgress: (done) => line.show(done, doing),
  };
}
