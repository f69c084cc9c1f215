import type { ImageSet } from '../build/image-set.ts';
import { type Splits, splitsOf } from '../build/splits.ts';
import type { NamedPart } from '../parts/part.ts';
import { UsageError } from '../usage-error.ts';
import { dataFiles } from './data-files.ts';

/**
 * Images of a data set as a run on it has them; without test images those of validation stand for them.
 *
 * @param seed of the run
 * @throws UsageError if there are none
 */
export async function splitImages(
  data: NamedPart,
  seed: number,
  split: 'train' | 'validation' | 'test',
): Promise<ImageSet> {
  const images = (await splits(data, seed))[split];
  if (images) return images;
  throw new UsageError(
    'no validation images: the run trained on all of them (data.validation: null, or evaluation.selection: published)',
  );
}

/** As a run has them that compares its epochs by nothing. */
function splits(data: NamedPart, seed: number): Promise<Splits> {
  const evaluation = { every: 1, batchSize: 64, selection: 'validation', select: null } as const;
  return splitsOf({ seed, data, evaluation }, dataFiles);
}
