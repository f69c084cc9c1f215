import { cropsOf, type Pipeline } from '@ltml/images';
import type { MethodNeeds } from '@ltml/tensor/contract';
import type { LoadedEncoder } from '../parts/encoders.ts';
import { EntryError } from '../usage-error.ts';

/** @throws EntryError if pictures do not come out in the size that the encoder takes */
export function checkImageSize(
  { imageSize }: Pick<LoadedEncoder, 'imageSize'>,
  [height, width]: readonly number[],
): void {
  if (!imageSize || (imageSize.height === height && imageSize.width === width)) return;
  const [wanted, made] = [
    [imageSize.height, imageSize.width],
    [height, width],
  ].map((sides) => sides.join(' × '));
  const remedy = 'set encoder.imageSize and pictures.size to the same size';
  throw new EntryError(`takes images of ${wanted}, but pictures become ${made}: ${remedy}`, 'encoder');
}

/** The number of crops that a pipeline makes of a picture. @throws EntryError if the method can't take several */
export function cropsOfPipeline(pipeline: Pipeline, { crops }: MethodNeeds): number {
  const step = pipeline.find(({ name }) => name === 'fiveCrops');
  if (step?.name !== 'fiveCrops') return 1;
  if (!crops) throw new EntryError('fiveCrops needs a method that averages over crops, as lift does', 'pictures.test');
  return cropsOf(step);
}
