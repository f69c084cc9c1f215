import * as tf from '@tensorflow/tfjs-core';
import type { Kernel } from '../kernel.ts';

/**
 * The engine has a fast kernel for one plain product only. So transposes come before it, and one matrix times many is
 * one product with the many side by side.
 */
export const batchMatMul: Kernel = {
  name: 'BatchMatMul',
  create:
    (original) =>
    ({ inputs, backend, attrs }) => {
      const { a, b } = inputs as { a: tf.Tensor; b: tf.Tensor };
      if (a.dtype !== 'float32' || b.dtype !== 'float32') return original!({ inputs, backend, attrs });
      const { transposeA, transposeB } = attrs as { transposeA?: boolean; transposeB?: boolean };
      // The engine divides by the number of matrices, and leaves what a product over nothing gives as the memory was.
      if (a.size === 0 || b.size === 0) return tf.zeros(productShape(a.shape, b.shape, transposeA, transposeB));
      const plainA = transposeA ? swapLast(a) : a;
      const plainB = transposeB ? swapLast(b) : b;
      const plain = { transposeA: false, transposeB: false };
      const multiply = (a: tf.TensorInfo, b: tf.TensorInfo) =>
        original!({ inputs: { a, b }, backend, attrs: plain }) as tf.TensorInfo;
      const product = isOneByMany(a, b) ? oneByMany(plainA, plainB, multiply) : multiply(plainA, plainB);
      if (transposeA) plainA.dispose();
      if (transposeB) plainB.dispose();
      return product;
    },
};

function productShape(a: number[], b: number[], transposeA = false, transposeB = false): number[] {
  const batch = tf.broadcast_util.assertAndGetBroadcastShape(a.slice(0, -2), b.slice(0, -2));
  const rows = a[a.length - (transposeA ? 1 : 2)];
  const columns = b[b.length - (transposeB ? 2 : 1)];
  return [...batch, rows, columns];
}

type Multiply = (a: tf.TensorInfo, b: tf.TensorInfo) => tf.TensorInfo;

function isOneByMany({ shape: a }: tf.Tensor, { shape: b }: tf.Tensor): boolean {
  return a.length === 3 && b.length === 3 && a[0] === 1 && b[0] > 1;
}

/** [1, M, K] · [B, K, N] as [M, K] · [K, B·N]. */
function oneByMany(one: tf.Tensor, many: tf.Tensor, multiply: Multiply): tf.TensorInfo {
  const [B, K, N] = many.shape;
  return tf.tidy(() => {
    const beside = tf.reshape(tf.transpose(many, [1, 0, 2]), [1, K, B * N]);
    const { dataId, shape, dtype } = multiply(one, beside);
    const product = tf.engine().makeTensorFromTensorInfo({ dataId, shape, dtype });
    return tf.transpose(tf.reshape(product, [one.shape[1] as number, B, N]), [1, 0, 2]);
  });
}

function swapLast(x: tf.Tensor): tf.Tensor {
  const axes = x.shape.map((_, axis) => axis);
  const last = axes.length - 1;
  return tf.transpose(x, [...axes.slice(0, -2), last, last - 1]);
}
