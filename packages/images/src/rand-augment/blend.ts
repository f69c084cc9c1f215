import type { BytePicture } from '../picture.ts';
import { byLevel } from './by-level.ts';

/** Saturation: away from (m > 0) or towards grey of the same lightness. */
export function color({ pixels, ...size }: BytePicture, m: number): BytePicture {
  const [factor, grey, blended] = [factorOf(m), lumas(pixels), new Uint8Array(pixels.length)];
  for (let i = 0, at = 0; i < grey.length; i++) {
    for (let channel = 0; channel < 3; channel++, at++) blended[at] = blend(grey[i], pixels[at], factor);
  }
  return { ...size, pixels: blended };
}

/** Away from or towards the mean lightness of the picture. */
export function contrast(picture: BytePicture, m: number): BytePicture {
  const grey = lumas(picture.pixels);
  const mean = Math.floor(grey.reduce((sum, value) => sum + value, 0) / grey.length + 0.5);
  const factor = factorOf(m);
  return byLevel(picture, (level) => blend(mean, level, factor));
}

/** Away from or towards black. */
export function brightness(picture: BytePicture, m: number): BytePicture {
  const factor = factorOf(m);
  return byLevel(picture, (level) => blend(0, level, factor));
}

/** Away from or towards a blurred picture, whose border is that of the sharp one. */
export function sharpness({ height, width, pixels }: BytePicture, m: number): BytePicture {
  const [factor, row, sharpened] = [factorOf(m), 3 * width, pixels.slice()];
  for (let y = 1; y < height - 1; y++) {
    for (let at = y * row + 3; at < (y + 1) * row - 3; at++) {
      let sum = 4 * pixels[at];
      for (let line = at - row; line <= at + row; line += row) {
        sum += pixels[line - 3] + pixels[line] + pixels[line + 3];
      }
      sharpened[at] = blend(Math.floor(sum / 13 + 0.5), pixels[at], factor);
    }
  }
  return { height, width, pixels: sharpened };
}

function factorOf(m: number): number {
  return Math.fround(1 + m);
}

/** D + factor · (I − D) in single precision, clipped and truncated: Pillow's blend of a picture with a degenerate one. */
function blend(degenerate: number, value: number, factor: number): number {
  const blended = Math.fround(degenerate + Math.fround(factor * (value - degenerate)));
  return Math.trunc(Math.min(Math.max(blended, 0), 255));
}

/** Lightness of each pixel, a whole number, in Pillow's fixed-point arithmetic. */
function lumas(pixels: Uint8Array): Uint8Array {
  const grey = new Uint8Array(pixels.length / 3);
  for (let i = 0, at = 0; i < grey.length; i++, at += 3) {
    grey[i] = (19595 * pixels[at] + 38470 * pixels[at + 1] + 7471 * pixels[at + 2] + 32768) >> 16;
  }
  return grey;
}
