import { emptyLike } from './crop.ts';
import type { Picture } from './picture.ts';

/** A picture of the same size whose pixels come from the positions that `source` gives. */
export function gather(
  { height, width, pixels }: Picture,
  source: (y: number, x: number) => readonly [y: number, x: number],
): Picture {
  const moved = emptyLike(pixels, pixels.length);
  for (let y = 0, to = 0; y < height; y++) {
    for (let x = 0; x < width; x++, to += 3) {
      const [fromY, fromX] = source(y, x);
      const from = (fromY * width + fromX) * 3;
      moved[to] = pixels[from];
      moved[to + 1] = pixels[from + 1];
      moved[to + 2] = pixels[from + 2];
    }
  }
  return { height, width, pixels: moved };
}
