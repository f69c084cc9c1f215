import type { BytePicture } from '../picture.ts';

/** Replaces each level by `map(level)`, computed once for each of the 256 levels. */
export function byLevel(picture: BytePicture, map: (level: number) => number): BytePicture {
  const levels = tableOf(map);
  return byTables(picture, [levels, levels, levels]);
}

/** Replaces each level by the entry in the table of its channel. */
export function byTables({ pixels, ...size }: BytePicture, [red, green, blue]: readonly Uint8Array[]): BytePicture {
  const made = new Uint8Array(pixels.length);
  for (let at = 0; at < pixels.length; at += 3) {
    made[at] = red[pixels[at]];
    made[at + 1] = green[pixels[at + 1]];
    made[at + 2] = blue[pixels[at + 2]];
  }
  return { ...size, pixels: made };
}

/** The table of `map` for the 256 levels. */
export function tableOf(map: (level: number) => number): Uint8Array {
  return Uint8Array.from({ length: 256 }, (_, level) => map(level));
}
