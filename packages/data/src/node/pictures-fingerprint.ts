import { createHash } from 'node:crypto';
import { stat } from 'node:fs/promises';
import type { Pictures } from '../pictures.ts';
import { arePictureFiles } from './picture-files.ts';

/** Number of files whose state is read at once. */
const filesAtOnce = 64;

/**
 * A SHA-256 that identifies a list of pictures, including their order. For files it uses key, size and time of the last
 * change, so that no file is opened. For other pictures it uses key and pixels.
 *
 * @throws the system's error if a file does not exist
 */
export async function picturesFingerprint(pictures: Pictures): Promise<string> {
  const hash = createHash('sha256');
  if (arePictureFiles(pictures)) {
    hash.update(`${pictures.mode}\n`);
    for (let start = 0; start < pictures.length; start += filesAtOnce) {
      const indices = Array.from({ length: Math.min(filesAtOnce, pictures.length - start) }, (_, i) => start + i);
      const stats = await Promise.all(indices.map((index) => stat(pictures.path(index))));
      for (const [i, { size, mtimeMs }] of stats.entries()) {
        const turn = pictures.turn?.(indices[i]);
        const state = [pictures.key(indices[i]), size, Math.floor(mtimeMs), ...(turn === undefined ? [] : [turn])];
        hash.update(`${JSON.stringify(state)}\n`);
      }
    }
    return hash.digest('hex');
  }
  for (let index = 0; index < pictures.length; index++) {
    const { height, width, pixels } = await pictures.read(index);
    hash.update(`${JSON.stringify([pictures.key(index), height, width])}\n`).update(pixels);
  }
  return hash.digest('hex');
}
