import type * as tf from '@tensorflow/tfjs-core';
import type { Kernel } from '../kernel.ts';
import { runRawOpOnce } from './raw-op.ts';

export const reluGrad: Kernel = {
  name: 'ltml/ReluGrad',
  create:
    () =>
    ({ inputs, backend }) => {
      const { dy, y } = inputs as Record<string, tf.TensorInfo>;
      return runRawOpOnce(backend, 'ReluGrad', {}, [dy, y]);
    },
};
