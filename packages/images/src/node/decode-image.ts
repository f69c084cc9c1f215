import { checkChoice, checkOptionNames, DataError, NotSupportedError } from '@ltml/tensor';
import type { BytePicture } from '../picture.ts';

/** 8192 × 8192: a picture of some kilobytes may claim any size, and takes 3 bytes a pixel. */
export const mostPixels: number = 2 ** 26;

const orientations = ['as-stored', 'upright'] as const;

export interface DecodeOptions {
  /**
   * `as-stored` (default): the rows of the file, as the published protocols read it. `upright`: turned and mirrored as the
   * file's EXIF orientation says, as people see it.
   */
  readonly orientation?: (typeof orientations)[number];
}

/**
 * Decodes a picture (JPEG, PNG, WebP, GIF, TIFF, AVIF) by `sharp`, which must be installed beside this package.
 *
 * As Pillow's `Image.open(…).convert('RGB')`: full size, colour profile ignored, orientation too unless it is asked for,
 * transparency dropped, grey made RGB; of an animation the first picture.
 *
 * @param source a path, or the bytes of a file
 * @throws OptionError for an unknown option or orientation; DataError if it is no whole picture, or has more than 67,108,864
 * pixels; NotSupportedError without sharp
 */
export async function decodeImage(source: string | Uint8Array, options: DecodeOptions = {}): Promise<BytePicture> {
  checkOptionNames('decodeImage', options, ['orientation']);
  const { orientation = 'as-stored' } = options;
  checkChoice('decodeImage', 'options.orientation', orientation, orientations);
  const sharp = await importSharp();
  const autoOrient = orientation === 'upright';
  const limits = { failOn: 'truncated', ignoreIcc: true, limitInputPixels: mostPixels } as const;
  try {
    const { data, info } = await sharp(source, { ...limits, autoOrient })
      .toColourspace('srgb')
      .removeAlpha()
      .raw({ depth: 'uchar' })
      .toBuffer({ resolveWithObject: true });
    return {
      height: info.height,
      width: info.width,
      pixels: new Uint8Array(data.buffer, data.byteOffset, data.byteLength),
    };
  } catch (cause) {
    throw new DataError({
      where: 'decodeImage',
      argument: typeof source === 'string' ? source : `${source.byteLength} bytes`,
      expected: 'a picture that can be read',
      received: firstLine(cause),
      cause,
    });
  }
}

/** libvips writes a line for each part of a picture that it can't read. */
function firstLine(cause: unknown): string {
  return String((cause as Error).message)
    .trim()
    .split('\n')[0];
}

export async function importSharp(): Promise<typeof import('sharp').default> {
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
