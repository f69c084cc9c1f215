import type { HostKernel } from './host-kernel.ts';
import { overWindows, type PoolAttributes, poolInfo } from './pool-windows.ts';

/** The maximum of each window; NaN if the window has a NaN, −∞ if it only has −∞ or no cells. */
export const maxPool: HostKernel<PoolAttributes> = {
  name: 'MaxPool',
  outputShapes: ({ x }, attributes) => [poolInfo(x.shape, attributes).outShape],
  run({ x }, [y], attributes, shapes) {
    const pool = poolInfo(shapes.x, attributes);
    const { inWidth, inChannels: channels } = pool;
    y.fill(Number.NEGATIVE_INFINITY);
    overWindows(pool, ({ start, rows, columns }, output) => {
      for (let row = 0; row < rows; row++) {
        const first = start + row * inWidth * channels;
        for (let cell = first; cell < first + columns * channels; cell += channels) {
          for (let c = 0; c < channels; c++) {
            const value = x[cell + c];
            if (value > y[output + c] || Number.isNaN(value)) y[output + c] = value;
          }
        }
      }
    });
  },
};
