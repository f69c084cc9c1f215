import type { Taps } from './taps.ts';

/** A range of consecutive rows of a picture. */
export interface Band {
  readonly first: number;
  readonly count: number;
}

/** The input of a resampling of whole levels: the needed rows of a picture, and the taps. */
export interface LevelsWork {
  /** [H, W, 3] */
  readonly levels: Uint8Array;
  readonly width: number;
  readonly band: Band;
  readonly rows: FixedPointTaps;
  readonly columns: FixedPointTaps;
}

/** Resamples along the rows, then along the columns, rounding after each: the reference for `resampleBySimd`. */
export function resamplePlainly({ levels, width, band, rows, columns }: LevelsWork): Uint8Array {
  const narrow = roundedColumns(levels, width, band, columns);
  return roundedRows(narrow, columns.starts.length * 3, band, rows);
}

/** Fractional bits of Pillow's weights. */
const precision = 22;
const half = 1 << (precision - 1);

/** Taps with weights as whole numbers. */
export interface FixedPointTaps extends Omit<Taps, 'weights'> {
  readonly weights: Int32Array;
}

/** Rounds weights to the nearest whole number, halves away from zero. */
export function toFixedPoint(taps: Taps): FixedPointTaps {
  const weights = new Int32Array(taps.weights.length);
  for (let i = 0; i < weights.length; i++) {
    const weight = taps.weights[i];
    weights[i] = Math.trunc(weight * 2 ** precision + (weight < 0 ? -0.5 : 0.5));
  }
  return { ...taps, weights };
}

/** @returns [band, new width, 3]. The sum of the absolute weights is below 2, so 32 bits are enough */
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

/** @param line number of values in a row @returns [new height, line] */
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
