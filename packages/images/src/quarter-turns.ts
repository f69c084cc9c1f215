import type { BytePicture } from './picture.ts';

/** Angles by which a picture can be rotated, in degrees counterclockwise. */
export const quarterTurns = [0, 90, 180, 270] as const;

/** One of the four angles. */
export type QuarterTurn = (typeof quarterTurns)[number];

/** Rotates a picture counterclockwise. */
export function turned(picture: BytePicture, turn: QuarterTurn): BytePicture {
  if (turn === 0) return picture;
  const { height, width, pixels } = picture;
  const size = turn === 180 ? { height, width } : { height: width, width: height };
  const result = new Uint8Array(pixels.length);
  for (let y = 0, to = 0; y < size.height; y++) {
    for (let x = 0; x < size.width; x++, to += 3) {
      // The right column becomes the top row after 90 degrees.
      const [row, column] =
        turn === 90 ? [x, width - 1 - y] : turn === 180 ? [height - 1 - y, width - 1 - x] : [height - 1 - x, y];
      const from = (row * width + column) * 3;
      result[to] = pixels[from];
      result[to + 1] = pixels[from + 1];
      result[to + 2] = pixels[from + 2];
    }
  }
  return { ...size, pixels: result };
}
