import * as tf from '@tensorflow/tfjs-core';
import type { Kernel } from '../kernel.ts';
import { runRawOpOnce } from './raw-op.ts';

type NumericType = 'float32' | 'int32' | 'bool';

/**
 * `tf.gather` without a read of the indices to the host. The engine's own checks them there, which stalls a GPU and can't
 * be part of a compiled step; TensorFlow checks them itself on a CPU.
 */
export const gather: Kernel = {
  name: 'GatherV2',
  create:
    () =>
    ({ inputs, attrs, backend }) => {
      const { x, indices } = inputs as Record<string, tf.Tensor>;
      const { axis, batchDims } = attrs as { axis: number; batchDims: number };
      const types = {
        Tparams: x.dtype as NumericType,
        Tindices: indices.dtype as NumericType,
        Taxis: 'int32',
      } as const;
      return tf.tidy(() => {
        const operands = [x, indices, tf.scalar(axis, 'int32')];
        return runRawOpOnce(backend, 'GatherV2', { floatTypes: [], types, ints: { batch_dims: batchDims } }, operands);
      });
    },
};
