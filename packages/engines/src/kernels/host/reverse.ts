import type { HostKernel } from './host-kernel.ts';

/** The rows of x in reverse order: `reverse` along the first axis. */
export const reverse: HostKernel = {
  name: 'Reverse',
  outputShapes: ({ x }) => [x.shape],
  run({ x }, [y], _, { x: [rows] }) {
    const width = x.length / rows;
    for (let row = 0; row < rows; row++) {
      y.set(x.subarray(row * width, (row + 1) * width), (rows - 1 - row) * width);
    }
  },
};
