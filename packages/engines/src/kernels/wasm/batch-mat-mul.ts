import * as tf from '@tensorflow/tfjs-core';
import type { Kernel } from '../kernel.ts';
import { productByVectors } from './matrix-product.ts';
import type { WasmBackend } from './memory.ts';

/**
 * Matrix multiplication. The engine has a fast kernel only for two plain matrices. Batches of matrices, and a
 * transposed first factor, use LTML's SIMD code. A transposed second factor is transposed back first.
 */
export const batchMatMul: Kernel = {
  name: 'BatchMatMul',
  create:
    (original) =>
    ({ inputs, backend, attrs }) => {
      const { a, b } = inputs as { a: tf.Tensor; b: tf.Tensor };
      const areMatrices = Math.min(a.shape.length, b.shape.length) >= 2;
      if (a.dtype !== 'float32' || b.dtype !== 'float32' || !areMatrices) return original!({ inputs, backend, attrs });
      const { transposeA = false, transposeB = false } = attrs as { transposeA?: boolean; transposeB?: boolean };
      const shape = productShape(a.shape, b.shape, transposeA, transposeB);
      // For empty matrices, the engine divides by 0 or leaves the result uninitialised.
      if (a.size === 0 || b.size === 0) return tf.zeros(shape);
      const plainB = transposeB ? swapLast(b) : b;
      const isOne = shape.length === 2 || shape.slice(0, -2).every((size) => size === 1);
      const byVectors =
        isOne && !transposeA ? undefined : productByVectors(backend as WasmBackend, a, plainB, transposeA, shape);
      const product = byVectors ?? byEngine(original!, backend as tf.KernelBackend, a, plainB, transposeA);
      if (transposeB) plainB.dispose();
      return product;
    },
};

function productShape(a: number[], b: number[], transposeA = false, transposeB = false): number[] {
  const batch = tf.broadcast_util.assertAndGetBroadcastShape(a.slice(0, -2), b.slice(0, -2));
  const rows = a[a.length - (transposeA ? 1 : 2)];
  const columns = b[b.length - (transposeB ? 2 : 1)];
  const [inner, other] = [a[a.length - (transposeA ? 2 : 1)], b[b.length - (transposeB ? 1 : 2)]];
  tf.util.assert(
    inner === other,
    () =>
      `Error in matMul: inner shapes (${inner}) and (${other}) of Tensors with shapes ${a} and ${b} and ` +
      `transposeA=${transposeA} and transposeB=${transposeB} must match.`,
  );
  return [...batch, rows, columns];
}

/** Multiplies op(a) · b with the engine's own kernel. */
function byEngine(
  original: tf.KernelFunc,
  backend: tf.KernelBackend,
  a: tf.Tensor,
  b: tf.Tensor,
  transposeA: boolean,
): tf.TensorInfo {
  const plainA = transposeA ? swapLast(a) : a;
  const attrs = { transposeA: false, transposeB: false };
  const product = original({ inputs: { a: plainA, b }, backend, attrs }) as tf.TensorInfo;
  if (transposeA) plainA.dispose();
  return product;
}

function swapLast(x: tf.Tensor): tf.Tensor {
  const axes = x.shape.map((_, axis) => axis);
  const last = axes.length - 1;
  return tf.transpose(x, [...axes.slice(0, -2), last, last - 1]);
}
