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
