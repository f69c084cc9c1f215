import { PicturePool } from '@ltml/images/node';

/** With fewer images than this, starting threads costs more than it saves. */
const fewImages = 200;

/**
 * Starts the threads that read pictures. @param workers number of threads; default: none for few images, else one less
 * than the number of cores
 */
export function picturePool(images: number, workers?: number): PicturePool {
  if (workers !== undefined) return new PicturePool({ workers });
  return images < fewImages ? new PicturePool({ workers: 0 }) : new PicturePool();
}
