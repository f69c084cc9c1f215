import { PicturePool } from '@ltml/images/node';

/** Images of which threads are worth their start. */
const fewImages = 200;

/** @param workers threads; left out, none for few images, and else one less than the machine has cores */
export function picturePool(images: number, workers?: number): PicturePool {
  if (workers !== undefined) return new PicturePool({ workers });
  return images < fewImages ? new PicturePool({ workers: 0 }) : new PicturePool();
}
