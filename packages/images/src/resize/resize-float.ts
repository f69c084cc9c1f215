import { ShapeError } from '@ltml/tensor';
import { antialiasedTaps, interpolatingTaps, type Taps } from './resampling.ts';
import { checkResizeOptions, type ResizeImageOptions } from './resize-antialias.ts';

/** Numbers on a grid, such as a picture or a table of position embeddings. */
export interface Grid {
  readonly height: number;
  readonly width: number;
  /** D */
  readonly channels: number;
  /** [H, W, D] */
  readonly values: ArrayLike<number>;
}

export interface ResizeFloatOptions extends ResizeImageOptions {
  /**
   * Whether an axis that shrinks is averaged, as by Pillow, instead of sampled. Bicubic then has a = −0.5 instead of −0.75,
   * which also differs where the grid grows. Default false.
   */
  readonly antialias?: boolean;
}

/**
 * Resizes in floating point: PyTorch's `interpolate` with half-pixel centres. Bicubic results may lie outside of the range
 * of the values.
 *
 * @returns [height, width, D]
 * @throws ShapeError, OptionError
 */
export function resizeFloat(grid: Grid, options: ResizeFloatOptions): Float32Array {
  const { height, width, filter, antialias = false } = checkResizeOptions('resizeFloat', options, 'antialias');
  const { channels, values } = grid;
  if (values.length !== grid.height * grid.width * channels || values.length === 0) {
    throw new ShapeError({
      where: 'resizeFloat',
      argument: 'grid',
      expected: `[${grid.height}, ${grid.width}, ${channels}], not empty`,
      received: `${values.length} values`,
    });
  }
  const taps = antialias ? antialiasedTaps : interpolatingTaps;
  const wide = blend(values, [grid.height, grid.width, channels], taps(grid.width, width, filter));
  return Float32Array.from(blend(wide, [1, grid.height, width * channels], taps(grid.height, height, filter)));
}

/** Resizes the middle axis of [outer, length, inner]. */
function blend(values: ArrayLike<number>, [outer, length, inner]: [number, number, number], taps: Taps): Float64Array {
  const { count, places, weights } = taps;
  const newLength = places.length / count;
  const blended = new Float64Array(outer * newLength * inner);
  for (let row = 0; row < outer; row++) {
    for (let i = 0; i < newLength; i++) {
      for (let k = i * count; k < (i + 1) * count; k++) {
        const from = (row * length + places[k]) * inner;
        const to = (row * newLength + i) * inner;
        for (let at = 0; at < inner; at++) blended[to + at] += weights[k] * values[from + at];
      }
    }
  }
  return blended;
}
