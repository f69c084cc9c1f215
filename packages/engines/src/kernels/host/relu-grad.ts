import type { HostKernel } from './host-kernel.ts';

export const reluGrad: HostKernel = {
  name: 'ltml/ReluGrad',
  outputShapes: ({ y }) => [y.shape],
  run({ dy, y }, [dx]) {
    for (let i = 0; i < y.length; i++) dx[i] = y[i] <= 0 ? 0 : dy[i];
  },
};
