import * as tf from '@tensorflow/tfjs-core';
import type { HostKernel } from './host-kernel.ts';

type Compute = typeof tf.backend_util.computePool2DInfo;

interface Attributes {
  readonly filterSize: Parameters<Compute>[1];
  readonly strides: Parameters<Compute>[2];
  readonly pad: Parameters<Compute>[4];
  readonly dimRoundingMode?: Parameters<Compute>[5];
}

/** dx ← dy of each window at its first maximum in row order, found as the first cell that equals the output. */
export const maxPoolGrad: HostKernel<Attributes> = {
  name: 'MaxPoolGrad',
  outputShapes: ({ input }) => [input.shape],
  run({ dy, input: x, output: y }, [dx], { filterSize, strides, pad, dimRoundingMode }, shapes) {
    const shape = shapes.input as [number, number, number, number];
    const pool = tf.backend_util.computePool2DInfo(shape, filterSize, strides, 1, pad, dimRoundingMode);
    const { inHeight, inWidth, inChannels: channels, filterHeight, filterWidth, padInfo } = pool;
    dx.fill(0);
    let output = 0;
    for (let b = 0; b < pool.batchSize; b++) {
      for (let row = 0; row < pool.outHeight; row++) {
        const corner = row * pool.strideHeight - padInfo.top;
        const [top, bottom] = [Math.max(corner, 0), Math.min(corner + filterHeight, inHeight)];
        for (let column = 0; column < pool.outWidth; column++) {
          const edge = column * pool.strideWidth - padInfo.left;
          const [left, right] = [Math.max(edge, 0), Math.min(edge + filterWidth, inWidth)];
          const start = ((b * inHeight + top) * inWidth + left) * channels;
          for (let c = 0; c < channels; c++, output++) {
            const at = firstEqual(x, y[output], start + c, channels, inWidth * channels, bottom - top, right - left);
            if (at >= 0) dx[at] += dy[output];
          }
        }
      }
    }
  },
};

/** Place of a value in a window of `rows` × `columns` cells, in row order; −1 for NaN, which equals nothing. */
function firstEqual(
  x: Float32Array,
  value: number,
  start: number,
  columnStep: number,
  rowStep: number,
  rows: number,
  columns: number,
): number {
  for (let row = 0; row < rows; row++) {
    let at = start + row * rowStep;
    for (let column = 0; column < columns; column++, at += columnStep) if (x[at] === value) return at;
  }
  return -1;
}
