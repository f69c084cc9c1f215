import { checkOptionNames } from '@ltml/tensor';
import type { Size } from '../box.ts';
import { areFloats, checkPicture, type Picture } from '../picture.ts';
import { roundHalfToEven } from '../round-half-to-even.ts';
import { checkResizeOptions } from './resize-antialias.ts';
import { resizeInterpolating } from './resize-interpolating.ts';

/**
 * Resizes a picture like OpenCV's default `resize`: bilinear between the two nearest pixels, without antialiasing.
 * Bytes are computed in whole numbers with 11 fractional bits, bit for bit equal; floats by
 * {@link resizeInterpolating}.
 *
 * @throws ShapeError, DataError, OptionError
 * Source: the rules of OpenCV's INTER_LINEAR for 8 bits, found by measuring.
 */
export function resizeOpencv(picture: Picture, options: Size): Picture {
  checkPicture('resizeOpencv', picture);
  checkOptionNames('resizeOpencv', options, ['height', 'width']);
  checkResizeOptions('resizeOpencv', { ...options, filter: 'bilinear' });
  const { height, width } = options;
  const { pixels } = picture;
  if (areFloats(pixels)) return resizeInterpolating(picture, { height, width, filter: 'bilinear' });
  const columns = fixedPointTaps(picture.width, width, true);
  const rows = fixedPointTaps(picture.height, height, false);
  const resized = new Uint8Array(height * width * 3);
  for (let y = 0, to = 0; y < height; y++) {
    const above = clamp(rows.low[y], picture.height) * picture.width;
    const below = clamp(rows.low[y] + 1, picture.height) * picture.width;
    for (let x = 0; x < width; x++) {
      const left = columns.low[x];
      const right = clamp(left + 1, picture.width);
      for (let channel = 0; channel < 3; channel++, to++) {
        const mix = (row: number): number =>
          columns.near[x] * pixels[(row + left) * 3 + channel] + columns.far[x] * pixels[(row + right) * 3 + channel];
        const top = (rows.near[y] * (mix(above) >> 4)) >> 16;
        const bottom = (rows.far[y] * (mix(below) >> 4)) >> 16;
        resized[to] = (top + bottom + 2) >> 2;
      }
    }
  }
  return { height, width, pixels: resized };
}

/** The lower of the two old positions for each new one, and the weights of both, in units of 1/2048. */
interface FixedPointTaps {
  readonly low: Int32Array;
  readonly near: Int32Array;
  readonly far: Int32Array;
}

/**
 * @param stopAtBorder true along rows, where a border uses only its own level; false along columns, where it is mixed
 *   with itself and rounded
 */
function fixedPointTaps(oldSize: number, newSize: number, stopAtBorder: boolean): FixedPointTaps {
  const low = new Int32Array(newSize);
  const near = new Int32Array(newSize);
  const far = new Int32Array(newSize);
  for (let i = 0; i < newSize; i++) {
    const centre = Math.fround((i + 0.5) * (oldSize / newSize) - 0.5);
    low[i] = Math.floor(centre);
    let part = Math.fround(centre - low[i]);
    if (stopAtBorder && (low[i] < 0 || low[i] >= oldSize - 1)) {
      low[i] = clamp(low[i], oldSize);
      part = 0;
    }
    near[i] = roundHalfToEven(2048 * Math.fround(1 - part));
    far[i] = roundHalfToEven(2048 * part);
  }
  return { low, near, far };
}

function clamp(place: number, size: number): number {
  return Math.min(Math.max(place, 0), size - 1);
}
