import { areFloats, type Picture } from '../picture.ts';
import type { Taps } from './taps.ts';

/**
 * Resizes a picture along its rows, then along its columns. Bytes are computed in whole numbers and rounded after each axis,
 * as by Pillow; floats are not rounded. Rows that no tap reaches are passed over.
 */
export function resample({ width, pixels }: Picture, rows: Taps, columns: Taps): Picture {
  const [height, newWidth] = [rows.starts.length, columns.starts.length];
  const first = rows.starts[0];
  const last = height - 1;
  const band = { first, count: rows.starts[last] + rows.counts[last] - first };
  const line = newWidth * 3;
  if (areFloats(pixels)) {
    return { height, width: newWidth, pixels: blendRows(blendColumns(pixels, width, band, columns), line, band, rows) };
  }
  const narrow = roundedColumns(pixels, width, band, toFixedPoint(columns));
  return { height, width: newWidth, pixels: roundedRows(narrow, line, band, toFixedPoint(rows)) };
}

/** Rows of a picture, one after another. */
interface Band {
  readonly first: number;
  readonly count: number;
}

/** @returns [band, new width, 3] */
function blendColumns(pixels: Float32Array, width: number, band: Band, taps: Taps): Float32Array {
  const { starts, counts, stride, weights } = taps;
  const blended = new Float32Array(band.count * starts.length * 3);
  for (let y = 0, to = 0; y < band.count; y++) {
    const row = (band.first + y) * width;
    for (let x = 0; x < starts.length; x++) {
      let at = (row + starts[x]) * 3;
      let [red, green, blue] = [0, 0, 0];
      for (let k = x * stride, end = k + counts[x]; k < end; k++, at += 3) {
        const weight = weights[k];
        red += weight * pixels[at];
        green += weight * pixels[at + 1];
        blue += weight * pixels[at + 2];
      }
      blended[to++] = red;
      blended[to++] = green;
      blended[to++] = blue;
    }
  }
  return blended;
}

/** @param line values a row has @returns [new height, line] */
function blendRows(values: Float32Array, line: number, band: Band, taps: Taps): Float32Array {
  const { starts, counts, stride, weights } = taps;
  const blended = new Float32Array(starts.length * line);
  for (let y = 0; y < starts.length; y++) {
    const to = y * line;
    for (let k = 0; k < counts[y]; k++) {
      const from = (starts[y] - band.first + k) * line;
      const weight = weights[y * stride + k];
      for (let i = 0; i < line; i++) blended[to + i] += weight * values[from + i];
    }
  }
  return blended;
}

/** Bits after the point of Pillow's weights. */
const precision = 22;
const half = 1 << (precision - 1);

interface FixedPointTaps extends Omit<Taps, 'weights'> {
  readonly weights: Int32Array;
}

/** To the nearest, halves away from zero. */
function toFixedPoint(taps: Taps): FixedPointTaps {
  const weights = Int32Array.from(taps.weights, (weight) =>
    Math.trunc(weight * 2 ** precision + (weight < 0 ? -0.5 : 0.5)),
  );
  return { ...taps, weights };
}

/** {@link blendColumns} in whole numbers. The sum of the weights' sizes is below 2, so that 32 bits hold all. */
function roundedColumns(levels: Uint8Array, width: number, band: Band, taps: FixedPointTaps): Uint8Array {
  const { starts, counts, stride, weights } = taps;
  const blended = new Uint8ClampedArray(band.count * starts.length * 3);
  for (let y = 0, to = 0; y < band.count; y++) {
    const row = (band.first + y) * width;
    for (let x = 0; x < starts.length; x++) {
      let at = (row + starts[x]) * 3;
      let [red, green, blue] = [half, half, half];
      for (let k = x * stride, end = k + counts[x]; k < end; k++, at += 3) {
        const weight = weights[k];
        red = (red + Math.imul(weight, levels[at])) | 0;
        green = (green + Math.imul(weight, levels[at + 1])) | 0;
        blue = (blue + Math.imul(weight, levels[at + 2])) | 0;
      }
      blended[to++] = red >> precision;
      blended[to++] = green >> precision;
      blended[to++] = blue >> precision;
    }
  }
  return new Uint8Array(blended.buffer);
}

/** {@link blendRows} in whole numbers. */
function roundedRows(levels: Uint8Array, line: number, band: Band, taps: FixedPointTaps): Uint8Array {
  const { starts, counts, stride, weights } = taps;
  const blended = new Uint8ClampedArray(starts.length * line);
  const sums = new Int32Array(line);
  for (let y = 0; y < starts.length; y++) {
    sums.fill(half);
    for (let k = 0; k < counts[y]; k++) {
      const from = (starts[y] - band.first + k) * line;
      const weight = weights[y * stride + k];
      for (let i = 0; i < line; i++) sums[i] += Math.imul(weight, levels[from + i]);
    }
    for (let i = 0, to = y * line; i < line; i++) blended[to + i] = sums[i] >> precision;
  }
  return new Uint8Array(blended.buffer);
}
