import * as tf from '@tensorflow/tfjs-core';

type Compute = typeof tf.backend_util.computePool2DInfo;

/** Attributes of pooling kernels and their gradients, as TensorFlow.js passes them. */
export interface PoolAttributes {
  readonly filterSize: Parameters<Compute>[1];
  readonly strides: Parameters<Compute>[2];
  readonly pad: Parameters<Compute>[4];
  readonly dimRoundingMode?: Parameters<Compute>[5];
}

/** Sizes and padding of a pooling op. */
export function poolInfo(x: readonly number[], attributes: PoolAttributes): tf.backend_util.Conv2DInfo {
  const { filterSize, strides, pad, dimRoundingMode } = attributes;
  return tf.backend_util.computePool2DInfo(
    x as [number, number, number, number],
    filterSize,
    strides,
    1,
    pad,
    dimRoundingMode,
  );
}

/** The cells of a window that lie in the image. The channels of a cell are adjacent. */
export interface PoolWindow {
  /** Position of the first channel of the first cell in x. */
  readonly start: number;
  readonly rows: number;
  readonly columns: number;
}

/** Calls `visit` for each window in the order of the output, with the position of its first channel in the output. */
export function overWindows(
  pool: tf.backend_util.Conv2DInfo,
  visit: (window: PoolWindow, output: number) => void,
): void {
  const { inHeight, inWidth, inChannels: channels, filterHeight, filterWidth, padInfo } = pool;
  let output = 0;
  for (let b = 0; b < pool.batchSize; b++) {
    for (let row = 0; row < pool.outHeight; row++) {
      const corner = row * pool.strideHeight - padInfo.top;
      const [top, bottom] = [Math.max(corner, 0), Math.min(corner + filterHeight, inHeight)];
      for (let column = 0; column < pool.outWidth; column++, output += channels) {
        const edge = column * pool.strideWidth - padInfo.left;
        const [left, right] = [Math.max(edge, 0), Math.min(edge + filterWidth, inWidth)];
        const start = ((b * inHeight + top) * inWidth + left) * channels;
        visit({ start, rows: bottom - top, columns: right - left }, output);
      }
    }
  }
}
