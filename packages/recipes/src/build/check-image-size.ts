import { cropsOf, type Pipeline } from '@ltml/images';
import type { MethodNeeds } from '@ltml/tensor/contract';
import type { LoadedEncoder } from '../parts/encoders.ts';
import { EntryError } from '../usage-error.ts';

/** @throws EntryError if pictures do not come out as the encoder takes them */
export function checkImageSize(
  { imageSize }: Pick<LoadedEncoder, 'imageSize'>,
  [height, width]: readonly number[],
): void {
  if (!imageSize || (imageSize.height === height && imageSize.width === width)) return;
  const [wanted, made] = [
    [imageSize.height, imageSize.width],
    [height, width],
  ].map((sides) => sides.join(' × '));
  const remedy = 'give both the same size, by encoder.imageSize and pictures.size';
  throw new EntryError(`takes images of ${wanted}, and pictures become ${made}: ${remedy}`, 'encoder');
}

/** How many crops of a picture a pipeline makes. @throws EntryError if the method can't take several */
export function cropsOfPipeline(pipeline: Pipeline, { crops }: MethodNeeds): number {
  const step = pipeline.find(({ name }) => name === 'fiveCrops');
  if (step?.name !== 'fiveCrops') return 1;
  if (!crops) throw new EntryError('fiveCrops needs a method that averages over crops, as lift does', 'pictures.test');
  return cropsOf(step);
}
