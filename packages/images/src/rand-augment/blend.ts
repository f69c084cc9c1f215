import type { BytePicture } from '../picture.ts';

/** Saturation: away from (m > 0) or towards grey of the same lightness. */
export function color(picture: BytePicture, m: number): BytePicture {
  const grey = lumas(picture);
  return blend(picture, m, (at) => grey[Math.floor(at / 3)]);
}

/** Away from or towards the mean lightness of the picture. */
export function contrast(picture: BytePicture, m: number): BytePicture {
  const grey = lumas(picture);
  const mean = Math.floor(grey.reduce((sum, value) => sum + value, 0) / grey.length + 0.5);
  return blend(picture, m, () => mean);
}

/** Away from or towards black. */
export function brightness(picture: BytePicture, m: number): BytePicture {
  return blend(picture, m, () => 0);
}

/** Away from or towards a blurred picture, whose border is that of the sharp one. */
export function sharpness(picture: BytePicture, m: number): BytePicture {
  const { height, width, pixels } = picture;
  const row = 3 * width;
  return blend(picture, m, (at) => {
    const [x, y] = [Math.floor(at / 3) % width, Math.floor(at / row)];
    if (x === 0 || y === 0 || x === width - 1 || y === height - 1) return pixels[at];
    let sum = 4 * pixels[at];
    for (const line of [at - row, at, at + row]) sum += pixels[line - 3] + pixels[line] + pixels[line + 3];
    return Math.floor(sum / 13 + 0.5);
  });
}

/** D + (1 + m) · (I − D) in single precision, clipped and truncated: Pillow's blend of a picture with a degenerate one. */
function blend(picture: BytePicture, m: number, degenerate: (at: number) => number): BytePicture {
  const factor = Math.fround(1 + m);
  const pixels = picture.pixels.map((value, at) => {
    const from = degenerate(at);
    const blended = Math.fround(from + Math.fround(factor * (value - from)));
    return Math.trunc(Math.min(Math.max(blended, 0), 255));
  });
  return { ...picture, pixels };
}

/** Lightness of each pixel, a whole number, in Pillow's fixed-point arithmetic. */
function lumas({ pixels }: BytePicture): Float32Array {
  return Float32Array.from(
    { length: pixels.length / 3 },
    (_, i) => (19595 * pixels[3 * i] + 38470 * pixels[3 * i + 1] + 7471 * pixels[3 * i + 2] + 32768) >> 16,
  );
}
