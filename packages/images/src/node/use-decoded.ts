import type { BytePicture } from '../picture.ts';
import { turned } from '../quarter-turns.ts';
import { type DecodeOptions, decodeImage } from './decode-image.ts';
import { readPlainJpeg } from './read-plain-jpeg.ts';
import { importTurboJpeg } from './turbo-jpeg.ts';

/**
 * Decodes a file as `decodeImage` does, a common JPEG by libjpeg-turbo in this thread where that is installed: it takes a
 * third of the time.
 *
 * @param use makes something of the picture at once, and keeps nothing of its pixels: their memory is used again
 * @throws DataError as `decodeImage`
 */
export async function useDecoded<Result>(
  path: string,
  options: DecodeOptions,
  use: (picture: BytePicture) => Result,
): Promise<Result> {
  const { mode, turn } = options;
  const turbo = await importTurboJpeg();
  const stored = turbo && readPlainJpeg(turbo, path, mode === 'upright' && turn === undefined);
  return use(stored ? turned(stored, turn ?? 0) : await decodeImage(path, options));
}
