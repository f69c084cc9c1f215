import type { HostKernel } from './host-kernel.ts';
import { overWindows, type PoolAttributes, poolInfo } from './pool-windows.ts';

/**
 * Adds dy of each window to dx at the window's first maximum in row order: the first cell equal to the output (which
 * may be NaN).
 */
export const maxPoolGrad: HostKernel<PoolAttributes> = {
  name: 'MaxPoolGrad',
  outputShapes: ({ input }) => [input.shape],
  run({ dy, input: x, output: y }, [dx], attributes, shapes) {
    const pool = poolInfo(shapes.input, attributes);
    const { inWidth, inChannels: channels } = pool;
    dx.fill(0);
    overWindows(pool, ({ start, rows, columns }, output) => {
      for (let c = 0; c < channels; c++) {
        const at = firstEqual(x, y[output + c], start + c, channels, inWidth * channels, rows, columns);
        if (at >= 0) dx[at] += dy[output + c];
      }
    });
  },
};

/**
 * Position of the first cell with this value in a window of `rows` × `columns` cells, in row order; −1 if there is
 * none.
 */
function firstEqual(
  x: Float32Array,
  value: number,
  start: number,
  columnStep: number,
  rowStep: number,
  rows: number,
  columns: number,
): number {
  const isNumber = !Number.isNaN(value);
  for (let row = 0; row < rows; row++) {
    let at = start + row * rowStep;
    for (let column = 0; column < columns; column++, at += columnStep)
      if (isNumber ? x[at] === value : Number.isNaN(x[at])) return at;
  }
  return -1;
}
