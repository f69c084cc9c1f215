import { inverseRootTwoPi, normalDistribution } from '@ltml/tensor/engine';
import type { HostKernel } from './host-kernel.ts';

/** y = x · Φ(x), with Φ the normal distribution function. */
export const gelu: HostKernel = {
  name: 'ltml/Gelu',
  outputShapes: ({ x }) => [x.shape],
  run({ x }, [y]) {
    for (let i = 0; i < x.length; i++) {
      const density = inverseRootTwoPi * Math.exp(-0.5 * x[i] * x[i]);
      y[i] = x[i] * normalDistribution(x[i], density);
    }
  },
};

/** dx = dy · (Φ(x) + x · φ(x)), with φ the normal density. */
export const geluGrad: HostKernel = {
  name: 'ltml/GeluGrad',
  outputShapes: ({ x }) => [x.shape],
  run({ dy, x }, [dx]) {
    for (let i = 0; i < x.length; i++) {
      const density = inverseRootTwoPi * Math.exp(-0.5 * x[i] * x[i]);
      dx[i] = dy[i] * (normalDistribution(x[i], density) + x[i] * density);
    }
  },
};
