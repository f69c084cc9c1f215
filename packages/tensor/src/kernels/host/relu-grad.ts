import type { HostKernel } from './host-kernel.ts';

export const reluGrad: HostKernel = {
  name: 'ltml/ReluGrad',
  outputShapes: ({ x }) => [x.shape],
  run({ dy, x }, [dx]) {
    for (let i = 0; i < x.length; i++) dx[i] = x[i] > 0 ? dy[i] : 0;
  },
};
