import { DataError, type HostTensor } from '@ltml/tensor';
import { checkFunction, checkSizeList, checkSizes } from './check-sizes.ts';

/** The weights for resizing one axis. For each new position: the old positions and their weights, which sum to 1. */
export type Resampling = (
  from: number,
  to: number,
) => readonly (readonly (readonly [place: number, share: number])[])[];

/** Keys' cubic kernel. */
function cubic(t: number, a: number): number {
  const x = Math.abs(t);
  if (x <= 1) return (a + 2) * x ** 3 - (a + 3) * x ** 2 + 1;
  return x < 2 ? a * x ** 3 - 5 * a * x ** 2 + 8 * a * x - 4 * a : 0;
}

/** Taps at fixed distances around each new position; those outside are moved to the border. */
function taps(from: number, to: number, offsets: readonly number[], kernel: (t: number) => number) {
  checkSizes('resampling', { from, to });
  return Array.from({ length: to }, (_, i) => {
    const centre = ((i + 0.5) * from) / to - 0.5;
    const base = Math.floor(centre);
    return offsets.map((offset) => {
      const place = Math.min(Math.max(base + offset, 0), from - 1);
      return [place, kernel(centre - base - offset)] as const;
    });
  });
}

/**
 * Cubic with half-pixel centres and a = −0.75, without antialiasing, as in DeiT, timm before 0.9, Hugging Face and
 * `torch.nn.functional.interpolate`.
 */
export const bicubic: Resampling = (from, to) => taps(from, to, [-1, 0, 1, 2], (t) => cubic(t, -0.75));

/** Linear with half-pixel centres, without antialiasing. */
export const bilinear: Resampling = (from, to) => taps(from, to, [0, 1], (t) => 1 - Math.abs(t));

/** Cubic with antialiasing and a = −0.5, as in timm since 0.9. It differs from {@link bicubic} even when enlarging. */
export const bicubicAntialias: Resampling = (from, to) => {
  checkSizes('resampling', { from, to });
  const scale = from / to;
  const stretch = Math.max(scale, 1);
  const support = 2 * stretch;
  return Array.from({ length: to }, (_, i) => {
    const centre = (i + 0.5) * scale;
    const first = Math.max(Math.trunc(centre - support + 0.5), 0);
    const last = Math.min(Math.trunc(centre + support + 0.5), from);
    const raw = Array.from({ length: last - first }, (_, k) => cubic((first + k - centre + 0.5) / stretch, -0.5));
    const total = raw.reduce((sum, share) => sum + share, 0);
    return raw.map((share, k) => [first + k, share / total] as const);
  });
};

/**
 * Resizes a table of positions to another grid. Its rows are resized like the pixels of an image with D channels.
 *
 * @param table [P + h · w, D] or [1, P + h · w, D], row by row. The first P rows are for class tokens and are kept
 * @param grid rows and columns of the new grid
 * @param resampling default `bicubic`
 * @param from rows and columns of the old grid. Default: a square, after a row for a class token if the rest is then a
 *   square; so both 17 and 16 rows count as 4 × 4. If the number of rows fits no square, the old grid is assumed to
 *   equal the new one
 * @returns [P + h′ · w′, D], with the leading axis if the table had it; the table itself if the grid does not change
 * @throws DataError if the number of rows fits no grid; OptionError
 */
export function interpolatePositions(
  table: HostTensor,
  grid: readonly [number, number],
  resampling: Resampling = bicubic,
  from?: readonly [number, number],
): HostTensor {
  checkSizeList('interpolatePositions', 'grid', grid, 2);
  if (from !== undefined) checkSizeList('interpolatePositions', 'from', from, 2);
  checkFunction('interpolatePositions', 'resampling', resampling);
  const D = table.shape[table.shape.length - 1];
  const rows = table.shape[table.shape.length - 2];
  const side = Math.floor(Math.sqrt(rows));
  const isSquare = rows - side * side <= 1;
  const isSame = [0, 1].includes(rows - grid[0] * grid[1]);
  const [h, w] = from ?? (!isSquare && isSame ? grid : [side, side]);
  const prefix = rows - h * w;
  if (table.shape.length < 2 || rows === 0 || prefix < 0 || (!from && prefix > 1)) {
    throw new DataError({
      where: 'interpolatePositions',
      argument: 'table',
      expected: from ? `at least ${h} × ${w} rows` : 'a square number of rows, with or without one for a class token',
      received: `[${table.shape.join(', ')}]`,
    });
  }
  if (h === grid[0] && w === grid[1]) return table;
  const places = Float64Array.from((table.data as Float32Array).subarray(prefix * D));
  const tall = resizeAxis(places, [1, h, w * D], resampling(h, grid[0]));
  const wide = resizeAxis(tall, [grid[0], w, D], resampling(w, grid[1]));
  const data = new Float32Array(prefix * D + wide.length);
  data.set((table.data as Float32Array).subarray(0, prefix * D));
  data.set(wide, prefix * D);
  return { dtype: 'F32', shape: [...table.shape.slice(0, -2), prefix + grid[0] * grid[1], D], data };
}

/** Resizes the middle one of three axes. */
function resizeAxis(
  values: Float64Array,
  [outer, size, inner]: readonly [number, number, number],
  shares: ReturnType<Resampling>,
): Float64Array {
  const resized = new Float64Array(outer * shares.length * inner);
  for (let o = 0; o < outer; o++) {
    for (const [i, mix] of shares.entries()) {
      const to = (o * shares.length + i) * inner;
      for (const [place, share] of mix) {
        const at = (o * size + place) * inner;
        for (let k = 0; k < inner; k++) resized[to + k] += share * values[at + k];
      }
    }
  }
  return resized;
}
