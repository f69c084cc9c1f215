import { createHash } from 'node:crypto';
import { stat } from 'node:fs/promises';
import type { Pictures } from '../pictures.ts';
import { arePictureFiles } from './picture-files.ts';

/** Files that are asked for at a time. */
const filesAtOnce = 64;

/**
 * SHA-256 by which pictures are told from others, in their order. Of files it goes by key, size and time of the last change, so
 * that none is opened; of other pictures by key and pixels.
 *
 * @throws the system's error for a file that is not there
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
