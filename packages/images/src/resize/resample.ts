import { areFloats, type Picture } from '../picture.ts';
import { type Band, type LevelsWork, resamplePlainly, toFixedPoint } from './resample-plain.ts';
import { resampleBySimd } from './resample-simd.ts';
import type { Taps } from './taps.ts';

/**
 * Resizes a picture along its rows, then along its columns. Bytes are computed in whole numbers and rounded after each
 * axis, as in Pillow; floats are not rounded. Rows that no tap needs are skipped.
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
  const work: LevelsWork = { levels: pixels, width, band, rows: toFixedPoint(rows), columns: toFixedPoint(columns) };
  return { height, width: newWidth, pixels: resampleBySimd(work) ?? resamplePlainly(work) };
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

/** @param line number of values in a row @returns [new height, line] */
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
