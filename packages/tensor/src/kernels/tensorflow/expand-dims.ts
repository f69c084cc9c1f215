import * as tf from '@tensorflow/tfjs-core';
import type { Kernel } from '../kernel.ts';
import { runRawOpOnce } from './raw-op.ts';

/** `tf.expandDims` with its types named. The engine's own leaves them to TensorFlow, which a compiled step's graph can't. */
export const expandDims: Kernel = {
  name: 'ExpandDims',
  create:
    () =>
    ({ inputs, attrs, backend }) => {
      const { input } = inputs as Record<string, tf.Tensor>;
      const types = { T: input.dtype as 'float32' | 'int32' | 'bool', Tdim: 'int32' } as const;
      return tf.tidy(() => {
        const operands = [input, tf.scalar((attrs as { dim: number }).dim, 'int32')];
        return runRawOpOnce(backend, 'ExpandDims', { floatTypes: [], types }, operands);
      });
    },
};
