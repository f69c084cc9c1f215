import type { Box } from './box.ts';
import type { Picture } from './picture.ts';

/** Fills a box of a picture with one colour. Parts of the box outside the picture are ignored. */
export function fillBox<P extends Picture>(
  picture: P,
  { top, left, bottom, right }: Box,
  colour: readonly number[],
): P {
  const { height, width } = picture;
  const pixels = picture.pixels.slice();
  for (let y = Math.max(top, 0); y < Math.min(bottom, height); y++) {
    for (let x = Math.max(left, 0); x < Math.min(right, width); x++) pixels.set(colour, (y * width + x) * 3);
  }
  return { ...picture, pixels };
}
