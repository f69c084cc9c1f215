import type * as tf from '@tensorflow/tfjs-core';
import type { WasmBackend } from './memory.ts';
import { SimdModule } from './simd/simd-module.ts';

const module = new SimdModule<'matrixProduct'>('matrixProduct');

/** Bytes that the SIMD module may read beyond the end of a tensor. */
const slack = 32;

/** Number of matrices in a tensor. */
function countOf({ shape }: tf.TensorInfo): number {
  return shape.slice(0, -2).reduce((product, n) => product * n, 1);
}

/**
 * Multiplies op(a) · b with SIMD: a [..., M, K], or transposed [..., K, M], and b [..., K, N]. Both have the same
 * number of matrices, or one of them has a single matrix. Undefined if SIMD can't be used.
 *
 * @param shape of the product
 */
export function productByVectors(
  backend: WasmBackend,
  a: tf.TensorInfo,
  b: tf.TensorInfo,
  transposeA: boolean,
  shape: readonly number[],
): tf.TensorInfo | undefined {
  const [countA, countB] = [countOf(a), countOf(b)];
  const outer = [a, b].map((factor) => `${factor.shape.slice(0, -2)}`);
  if (!module.on(backend) || (outer[0] !== outer[1] && countA !== 1 && countB !== 1)) return undefined;
  const count = Math.max(countA, countB);
  const [M, N] = shape.slice(-2);
  const K = b.shape[b.shape.length - 2];
  const result = backend.makeOutput(shape, 'float32');
  const [aAt, bAt, cAt] = [a, b, result].map(({ dataId }) => backend.getMemoryOffset(dataId));
  // The last chunk of k reads the product written so far, eight columns at a time.
  const ends = [bAt + 4 * countB * K * N, cAt + 4 * count * M * N].map((end) => end + slack);
  if (Math.max(...ends) > backend.typedArrayFromHeap(result).buffer.byteLength) {
    backend.disposeData(result.dataId);
    return undefined;
  }
  const [stepA, stepB] = [countA > 1 ? 4 * M * K : 0, countB > 1 ? 4 * K * N : 0];
  const [row, step] = transposeA ? [4, 4 * M] : [4 * K, 4];
  // In a transposed factor, each k is in a cache line of its own.
  const most = transposeA ? 64 : 256;
  const multiplications = count * M * K * N;
  if (count === 1) {
    // Rows in groups of four, so that results do not depend on the number of threads.
    module.inParts(backend, 'matrixProduct', { size: M, step: 4, multiplications }, (begin, end) => {
      return [aAt + row * begin, bAt, cAt + 4 * N * begin, end - begin, K, N, row, step, most];
    });
    return result;
  }
  const { matrixProduct } = module.on(backend)!;
  for (let i = 0; i < count; i++) {
    matrixProduct(aAt + i * stepA, bAt + i * stepB, cAt + i * 4 * M * N, M, K, N, row, step, most);
  }
  return result;
}
