import type { BytePicture } from '../picture.ts';
import { byLevel } from './by-level.ts';

/** Changes the saturation: away from grey of the same lightness (m > 0) or towards it. */
export function color({ pixels, ...size }: BytePicture, m: number): BytePicture {
  const [factor, grey, blended] = [factorOf(m), lumas(pixels), new Uint8Array(pixels.length)];
  for (let i = 0, at = 0; i < grey.length; i++) {
    for (let channel = 0; channel < 3; channel++, at++) blended[at] = blend(grey[i], pixels[at], factor);
  }
  return { ...size, pixels: blended };
}

/** Changes the contrast: away from the mean lightness of the picture, or towards it. */
export function contrast(picture: BytePicture, m: number): BytePicture {
  const grey = lumas(picture.pixels);
  const mean = Math.floor(grey.reduce((sum, value) => sum + value, 0) / grey.length + 0.5);
  const factor = factorOf(m);
  return byLevel(picture, (level) => blend(mean, level, factor));
}

/** Changes the brightness: away from black, or towards it. */
export function brightness(picture: BytePicture, m: number): BytePicture {
  const factor = factorOf(m);
  return byLevel(picture, (level) => blend(0, level, factor));
}

/**
 * Changes the sharpness: away from a blurred picture, or towards it. The border of the blurred picture is not blurred.
 */
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

/**
 * D + factor · (I − D) in single precision, clipped and truncated: Pillow's blend of image I and degenerate image D.
 */
function blend(degenerate: number, value: number, factor: number): number {
  const blended = Math.fround(degenerate + Math.fround(factor * (value - degenerate)));
  return Math.trunc(Math.min(Math.max(blended, 0), 255));
}

/** Lightness of each pixel as a whole number, in Pillow's fixed-point arithmetic. */
function lumas(pixels: Uint8Array): Uint8Array {
  const grey = new Uint8Array(pixels.length / 3);
  for (let i = 0, at = 0; i < grey.length; i++, at += 3) {
    grey[i] = (19595 * pixels[at] + 38470 * pixels[at + 1] + 7471 * pixels[at + 2] + 32768) >> 16;
  }
  return grey;
}
