import * as tf from '@tensorflow/tfjs-core';
import type { WasmBackend } from './memory.ts';
import { SimdModule } from './simd/simd-module.ts';

const module = new SimdModule<'filterGradient'>('filterGradient');

/** Bytes that the SIMD module may read beyond the end of a tensor. */
const slack = 16;

/**
 * Positions of dy that are summed in registers before the gradient is written; the values read for them stay in the
 * nearest caches.
 */
const placesAtOnce = 64;

/**
 * Gradient of the filter [kH, kW, I, O] from x [B, H, W, I] and dy [B, M, N, O], with SIMD. Undefined if it can't be
 * used: no SIMD, O not a multiple of 4, or another type than float32.
 */
export function filterGradientByVectors(
  backend: WasmBackend,
  x: tf.TensorInfo,
  dy: tf.TensorInfo,
  info: tf.backend_util.Conv2DInfo,
): tf.TensorInfo | undefined {
  const [B, H, W, I] = x.shape;
  const [, M, N, O] = dy.shape;
  const { filterHeight, filterWidth, strideHeight, strideWidth, padInfo } = info;
  if (!module.on(backend) || O % 4 !== 0 || x.dtype !== 'float32' || dy.dtype !== 'float32') return undefined;
  const output = backend.makeOutput([filterHeight, filterWidth, I, O], 'float32');
  const sums = backend.typedArrayFromHeap(output).fill(0);
  const places = [x, dy, output].map(({ dataId }) => backend.getMemoryOffset(dataId));
  const ends = [x, dy].map(({ shape }, i) => places[i] + 4 * tf.util.sizeFromShape([...shape]) + slack);
  if (Math.max(...ends) > sums.buffer.byteLength) {
    backend.disposeData(output.dataId);
    return undefined;
  }
  if (B * M * N * I === 0) return output;
  const rows = Math.max(1, Math.ceil(placesAtOnce / N));
  const multiplications = B * M * N * filterHeight * filterWidth * I * O;
  module.inParts(backend, 'filterGradient', { size: O, step: 8, multiplications }, (begin, end) => [
    ...places,
    ...[B, H, W, I, M, N, O],
    ...[filterHeight, filterWidth, strideHeight, strideWidth, padInfo.top, padInfo.left],
    ...[rows, begin, end],
  ]);
  return output;
}
