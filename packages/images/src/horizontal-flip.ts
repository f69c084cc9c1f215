import { emptyLike } from './crop.ts';
import type { Picture, Transform } from './picture.ts';

/** Mirrors a picture left to right with probability ½. */
export function horizontalFlip(): Transform {
  return (picture, random) => (random && random.uniform() < 0.5 ? mirror(picture) : picture);
}

/** Mirrors a picture left to right. */
export function mirror({ height, width, pixels }: Picture): Picture {
  const mirrored = emptyLike(pixels, pixels.length);
  for (let y = 0, to = 0; y < height; y++) {
    for (let from = (y * width + width - 1) * 3, x = 0; x < width; x++, to += 3, from -= 3) {
      mirrored[to] = pixels[from];
      mirrored[to + 1] = pixels[from + 1];
      mirrored[to + 2] = pixels[from + 2];
    }
  }
  return { height, width, pixels: mirrored };
}
