import * as tf from '@tensorflow/tfjs-core';
import type { Kernel } from '../kernel.ts';

/** Transposes before it multiplies: the engine has a fast kernel for plain products only. */
export const batchMatMul: Kernel = {
  name: 'BatchMatMul',
  create:
    (original) =>
    ({ inputs, backend, attrs }) => {
      const { a, b } = inputs as { a: tf.Tensor; b: tf.Tensor };
      const { transposeA, transposeB } = attrs as { transposeA?: boolean; transposeB?: boolean };
      const plainA = transposeA ? swapLast(a) : a;
      const plainB = transposeB ? swapLast(b) : b;
      const plain = { transposeA: false, transposeB: false };
      const product = original!({ inputs: { a: plainA, b: plainB }, backend, attrs: plain });
      if (transposeA) plainA.dispose();
      if (transposeB) plainB.dispose();
      return product;
    },
};

function swapLast(x: tf.Tensor): tf.Tensor {
  const axes = x.shape.map((_, axis) => axis);
  const last = axes.length - 1;
  return tf.transpose(x, [...axes.slice(0, -2), last, last - 1]);
}
