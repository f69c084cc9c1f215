import type { HostKernel } from './host-kernel.ts';

interface Attributes {
  readonly axis: number;
  readonly batchDims: number;
}

/** Rows of x by index: `gather` along the first axis. @throws RangeError for an index out of range */
export const gather: HostKernel<Attributes> = {
  name: 'GatherV2',
  outputShapes: ({ x, indices }) => [[...indices.shape, ...x.shape.slice(1)]],
  run({ x, indices }, [y], _, { x: [rows] }) {
    const width = x.length / rows;
    for (let i = 0; i < indices.length; i++) {
      const row = indices[i];
      if (row < 0 || row >= rows) throw new RangeError(`GatherV2: the index value ${row} is not in [0, ${rows - 1}]`);
      for (let j = 0; j < width; j++) y[i * width + j] = x[row * width + j];
    }
  },
};
