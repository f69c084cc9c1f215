import type { BytePicture } from '../picture.ts';

/** A picture of which each level has become another: computed once for each of the 256. */
export function byLevel(picture: BytePicture, map: (level: number) => number): BytePicture {
  const levels = tableOf(map);
  return byTables(picture, [levels, levels, levels]);
}

/** A picture whose levels are looked up in the table of their channel. */
export function byTables({ pixels, ...size }: BytePicture, [red, green, blue]: readonly Uint8Array[]): BytePicture {
  const made = new Uint8Array(pixels.length);
  for (let at = 0; at < pixels.length; at += 3) {
    made[at] = red[pixels[at]];
    made[at + 1] = green[pixels[at + 1]];
    made[at + 2] = blue[pixels[at + 2]];
  }
  return { ...size, pixels: made };
}

/** The 256 levels and what becomes of them. */
export function tableOf(map: (level: number) => number): Uint8Array {
  return Uint8Array.from({ length: 256 }, (_, level) => map(level));
}
