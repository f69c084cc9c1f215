import type { HostKernel } from './host-kernel.ts';

/**
 * Passes dy on where y, the output of a ReLU, is not 0; elsewhere 0. It works on the bits of the numbers: a branch for
 * each entry is unpredictable and takes eight times as long.
 */
export const reluGrad: HostKernel = {
  name: 'ltml/ReluGrad',
  outputShapes: ({ y }) => [y.shape],
  run({ dy, y }, [dx]) {
    const [from, bits, to] = [dy, y, dx].map((array) => new Int32Array(array.buffer, array.byteOffset, array.length));
    for (let i = 0; i < bits.length; i++) {
      // Shift out the sign: the result is 0 for 0 and −0, but not for NaN.
      const magnitude = bits[i] << 1;
      to[i] = from[i] & ((magnitude | -magnitude) >> 31);
    }
  },
};
