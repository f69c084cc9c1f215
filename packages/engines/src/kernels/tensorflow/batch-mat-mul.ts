import type * as tf from '@tensorflow/tfjs-core';
import type { Kernel } from '../kernel.ts';
import { runRawOpOnce } from './raw-op.ts';

/**
 * `tf.matMul` of two matrices with TensorFlow's op MatMul. The engine always uses BatchMatMul, which takes up to twice
 * as long and is not fused with other ops in a compiled step.
 */
export const batchMatMul: Kernel = {
  name: 'BatchMatMul',
  create: (original) => (call) => {
    const { a, b } = call.inputs as Record<string, tf.TensorInfo>;
    const areMatrices = a.shape.length === 2 && b.shape.length === 2 && a.dtype === 'float32' && b.dtype === 'float32';
    if (original && !areMatrices) return original(call);
    const { transposeA, transposeB } = call.attrs as { transposeA: boolean; transposeB: boolean };
    const bools = { transpose_a: transposeA, transpose_b: transposeB };
    return runRawOpOnce(call.backend, 'MatMul', { bools }, [a, b]);
  },
};
