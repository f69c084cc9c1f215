import type { ImageSet } from '../build/image-set.ts';
import { type Splits, splitsOf } from '../build/splits.ts';
import type { NamedPart } from '../parts/part.ts';
import { UsageError } from '../usage-error.ts';
import { dataFiles } from './data-files.ts';

/**
 * The images of a split as a run on this data set has them. Without test images, the validation images take their
 * place.
 *
 * @param seed of the run
 * @throws UsageError if the split has no images
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

/** The splits of a run that does not select an epoch. */
function splits(data: NamedPart, seed: number): Promise<Splits> {
  const evaluation = { every: 1, batchSize: 64, selection: 'validation', select: null } as const;
  return splitsOf({ seed, data, evaluation }, dataFiles);
}
