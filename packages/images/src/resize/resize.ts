import { checkCount, checkOptionNames } from '@ltml/tensor';
import type { Transform } from '../picture.ts';

export interface ResizeOptions {
  readonly height: number;
  readonly width: number;
}

/**
 * Resizes without keeping the ratio of the sides: bilinear, half-pixel centres, no antialiasing, borders repeated. That is
 * what OpenCV's `resize` does by default, and the released code of Wu et al. (ECCV 2020) with it.
 */
export function resize(options: ResizeOptions): Transform {
  checkOptionNames('resize', options, ['height', 'width']);
  const { height, width } = options;
  checkCount('resize', 'options.height', height);
  checkCount('resize', 'options.width', width);
  return (picture) => {
    if (picture.height === height && picture.width === width) return picture;
    const { pixels } = picture;
    const rows = taps(height, picture.height);
    const columns = taps(width, picture.width);
    const resized = new Float32Array(height * width * 3);
    for (let y = 0, to = 0; y < height; y++) {
      const above = rows.low[y] * picture.width;
      const below = rows.high[y] * picture.width;
      for (let x = 0; x < width; x++) {
        const left = columns.low[x];
        const right = columns.high[x];
        for (let channel = 0; channel < 3; channel++, to++) {
          const top = mix(pixels[(above + left) * 3 + channel], pixels[(above + right) * 3 + channel], columns.part[x]);
          const bottom = mix(
            pixels[(below + left) * 3 + channel],
            pixels[(below + right) * 3 + channel],
            columns.part[x],
          );
          resized[to] = mix(top, bottom, rows.part[y]);
        }
      }
    }
    return { height, width, pixels: resized };
  };
}

/** For each new place along one axis: the two old ones it lies between, and how far it is on the way to the second. */
function taps(newSize: number, oldSize: number): { low: Int32Array; high: Int32Array; part: Float64Array } {
  const centres = Float64Array.from({ length: newSize }, (_, i) => ((i + 0.5) * oldSize) / newSize - 0.5);
  const inside = centres.map((centre) => Math.min(Math.max(centre, 0), oldSize - 1));
  const low = Int32Array.from(inside, Math.floor);
  return {
    low,
    high: low.map((place) => Math.min(place + 1, oldSize - 1)),
    part: inside.map((place, i) => place - low[i]),
  };
}

function mix(from: number, to: number, part: number): number {
  return from + (to - from) * part;
}
