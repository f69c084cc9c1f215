import * as tf from '@tensorflow/tfjs-core';
import type { HostKernel } from './host-kernel.ts';

type Computed = typeof tf.backend_util.computePool2DInfo;

interface Attributes {
  readonly filterSize: Parameters<Computed>[1];
  readonly strides: Parameters<Computed>[2];
  readonly pad: Parameters<Computed>[4];
}

/** dx ← dy of each window at its first maximum in row order. */
export const maxPoolGrad: HostKernel<Attributes> = {
  name: 'MaxPoolGrad',
  outputShapes: ({ input }) => [input.shape],
  run({ dy, input: x }, [dx], { filterSize, strides, pad }, shapes) {
    const shape = shapes.input as [number, number, number, number];
    const pool = tf.backend_util.computePool2DInfo(shape, filterSize, strides, 1, pad);
    const { batchSize, inHeight, inWidth, inChannels: channels, outHeight, outWidth, padInfo } = pool;
    const largest = new Float32Array(channels);
    const places = new Int32Array(channels);
    dx.fill(0);
    let output = 0;
    for (let b = 0; b < batchSize; b++) {
      for (let row = 0; row < outHeight; row++) {
        const top = row * pool.strideHeight - padInfo.top;
        const bottom = Math.min(top + pool.filterHeight, inHeight);
        for (let column = 0; column < outWidth; column++) {
          const left = column * pool.strideWidth - padInfo.left;
          const right = Math.min(left + pool.filterWidth, inWidth);
          largest.fill(Number.NEGATIVE_INFINITY);
          places.fill(-1);
          for (let y = Math.max(top, 0); y < bottom; y++) {
            for (let z = Math.max(left, 0); z < right; z++) {
              const start = ((b * inHeight + y) * inWidth + z) * channels;
              for (let c = 0; c < channels; c++) {
                if (x[start + c] > largest[c] || places[c] < 0) {
                  largest[c] = x[start + c];
                  places[c] = start + c;
                }
              }
            }
          }
          for (let c = 0; c < channels; c++) dx[places[c]] += dy[output++];
        }
      }
    }
  },
};
