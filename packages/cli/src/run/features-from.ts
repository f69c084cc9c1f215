import type { ModelInputsOptions } from '@ltml/recipes/node';
import type { ProgressLine } from '../progress-line.ts';
import { describeStorage } from './describe-storage.ts';

/**
 * Options that take stored features of the model's encoder if they fit, and print so. Otherwise progress is shown while
 * they are computed.
 *
 * @param folder of stored features; undefined: always compute
 * @param doing text for the progress line
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
