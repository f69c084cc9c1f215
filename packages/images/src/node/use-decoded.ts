import type { Box, Size } from '../box.ts';
import type { BytePicture } from '../picture.ts';
import { turned } from '../quarter-turns.ts';
import { type DecodeOptions, decodeImage } from './decode-image.ts';
import { readPlainJpeg } from './read-plain-jpeg.ts';
import { importTurboJpeg } from './turbo-jpeg.ts';

/**
 * Decodes a file like `decodeImage`. If libjpeg-turbo is installed, it decodes common JPEGs in this thread, in a third
 * of the time.
 *
 * @param use uses the picture immediately. It must not keep the pixels, because their memory is reused
 * @param partOf the part of the picture that `use` looks at, from its size; default all. The other pixels are
 *   undefined, because decoding them would take time
 * @throws DataError as `decodeImage`
 */
export async function useDecoded<Result>(
  path: string,
  options: DecodeOptions,
  use: (picture: BytePicture) => Result,
  partOf?: (size: Size) => Box,
): Promise<Result> {
  const { mode, turn } = options;
  const turbo = await importTurboJpeg();
  const isStoredUpright = mode === 'upright' && turn === undefined;
  const stored = turbo && readPlainJpeg(turbo, path, isStoredUpright, turn ? undefined : partOf);
  return use(stored ? turned(stored, turn ?? 0) : await decodeImage(path, options));
}
