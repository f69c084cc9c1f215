import type { BytePicture } from '../picture.ts';

/** Maps the centre of a pixel of the result to the point of the source that it shows. Pixel i covers i to i + 1. */
type SourcePoint = (x: number, y: number) => readonly [u: number, v: number];

/** How points between pixels are sampled, and the colour beyond the border of the source. */
export interface Reading {
  readonly sample: Sample;
  readonly outside: readonly [red: number, green: number, blue: number];
}

const grey = [128, 128, 128] as const;

/** Bicubic sampling, with a colour beyond the border. */
export function bicubicly(outside: Reading['outside']): Reading {
  return { sample: bicubic, outside };
}

/** Nearest-pixel sampling, with a colour beyond the border. */
export function nearestly(outside: Reading['outside']): Reading {
  return { sample: nearest, outside };
}

/** Shears horizontally: each row moves by `by` times its row number. */
export function shearX(picture: BytePicture, by: number, reading: Reading = bicubicly(grey)): BytePicture {
  return warp(picture, (x, y) => [x + by * y, y], reading);
}

/** Shears vertically: each column moves by `by` times its column number. */
export function shearY(picture: BytePicture, by: number, reading: Reading = bicubicly(grey)): BytePicture {
  return warp(picture, (x, y) => [x, y + by * x], reading);
}

/** Moves the picture left. @param by share of the width */
export function translateX(picture: BytePicture, by: number, reading: Reading = nearestly(grey)): BytePicture {
  return warp(picture, (x, y) => [x + by * picture.width, y], reading);
}

/** Moves the picture up. @param by share of the height */
export function translateY(picture: BytePicture, by: number, reading: Reading = nearestly(grey)): BytePicture {
  return warp(picture, (x, y) => [x, y + by * picture.height], reading);
}

/** Rotates about the centre. @param degrees counterclockwise */
export function rotate(picture: BytePicture, degrees: number, reading: Reading = nearestly(grey)): BytePicture {
  const angle = (degrees * Math.PI) / 180;
  const [cos, sin] = [Math.cos(angle), Math.sin(angle)];
  const [middleX, middleY] = [picture.width / 2, picture.height / 2];
  const source: SourcePoint = (x, y) => {
    const [dx, dy] = [x - middleX, y - middleY];
    return [dx * cos - dy * sin + middleX, dx * sin + dy * cos + middleY];
  };
  return warp(picture, source, reading);
}

/** Writes the colour of a picture at a point inside it to three channels. */
type Sample = (picture: BytePicture, u: number, v: number, to: Uint8Array, at: number) => void;

function warp(picture: BytePicture, source: SourcePoint, { sample, outside }: Reading): BytePicture {
  const { height, width } = picture;
  const pixels = new Uint8Array(picture.pixels.length);
  for (let y = 0, at = 0; y < height; y++) {
    for (let x = 0; x < width; x++, at += 3) {
      const [u, v] = source(x + 0.5, y + 0.5);
      if (u >= 0 && u < width && v >= 0 && v < height) sample(picture, u, v, pixels, at);
      else pixels.set(outside, at);
    }
  }
  return { height, width, pixels };
}

function nearest({ width, pixels }: BytePicture, u: number, v: number, to: Uint8Array, at: number): void {
  const from = (Math.floor(v) * width + Math.floor(u)) * 3;
  for (let channel = 0; channel < 3; channel++) to[at + channel] = pixels[from + channel];
}

/** Pillow's cubic convolution with a = −1, first along x, then along y; results are truncated to whole levels. */
function bicubic({ height, width, pixels }: BytePicture, u: number, v: number, to: Uint8Array, at: number): void {
  const [column, row] = [Math.floor(u - 0.5), Math.floor(v - 0.5)];
  const [alongX, alongY] = [u - 0.5 - column, v - 0.5 - row];
  const clamp = (place: number, size: number): number => Math.min(Math.max(place, 0), size - 1);
  for (let channel = 0; channel < 3; channel++) {
    const value = (dx: number, dy: number): number =>
      pixels[(clamp(row + dy, height) * width + clamp(column + dx, width)) * 3 + channel];
    const line = (dy: number): number => cubic(value(-1, dy), value(0, dy), value(1, dy), value(2, dy), alongX);
    const result = cubic(line(-1), line(0), line(1), line(2), alongY);
    to[at + channel] = Math.trunc(Math.min(Math.max(result, 0), 255));
  }
}

function cubic(before: number, a: number, b: number, after: number, t: number): number {
  const first = b - before;
  const second = 2 * (before - a) + b - after;
  const third = -before + a - b + after;
  return a + t * (first + t * (second + t * third));
}
