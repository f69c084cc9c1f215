import { DataError, NotSupportedError } from '@ltml/tensor';
import type { RgbImage } from '../preprocess/rgb-image.ts';

/**
 * Decodes a picture (JPEG, PNG, WebP, GIF, TIFF, AVIF) by `sharp`, which must be installed beside this package.
 *
 * As Pillow's `Image.open(…).convert('RGB')`: full size, colour profile and orientation ignored, transparency dropped, grey
 * made RGB; of an animation the first picture.
 *
 * @param source a path, or the bytes of a file
 * @throws DataError if it is no whole picture; NotSupportedError without sharp
 */
export async function decodeImage(source: string | Uint8Array): Promise<RgbImage> {
  const sharp = await importSharp();
  try {
    const { data, info } = await sharp(source, { failOn: 'truncated', ignoreIcc: true })
      .toColourspace('srgb')
      .removeAlpha()
      .raw({ depth: 'uchar' })
      .toBuffer({ resolveWithObject: true });
    return { height: info.height, width: info.width, pixels: new Uint8Array(data) };
  } catch (cause) {
    throw new DataError({
      where: 'decodeImage',
      argument: typeof source === 'string' ? source : `${source.byteLength} bytes`,
      expected: 'a picture that can be read',
      received: (cause as Error).message,
      cause,
    });
  }
}

async function importSharp(): Promise<typeof import('sharp').default> {
  try {
    return (await import('sharp')).default;
  } catch (cause) {
    throw new NotSupportedError({
      where: 'decodeImage',
      argument: 'sharp',
      expected: 'installed',
      received: 'nothing that can be imported',
      hint: 'npm install sharp',
      cause,
    });
  }
}
