import * as tf from '@tensorflow/tfjs-core';
import type { Kernel } from '../kernel.ts';
import { isNumeric, runRawOpOnce } from './raw-op.ts';

/**
 * `tf.expandDims` with explicit types. The engine's own kernel leaves types to TensorFlow, which does not work in the
 * graph of a compiled step.
 */
export const expandDims: Kernel = {
  name: 'ExpandDims',
  create: (original) => (call) => {
    const { input } = call.inputs as Record<string, tf.Tensor>;
    const { dtype } = input;
    if (!isNumeric(dtype)) return original!(call);
    return tf.tidy(() => {
      const operands = [input, tf.scalar((call.attrs as { dim: number }).dim, 'int32')];
      return runRawOpOnce(call.backend, 'ExpandDims', { floatTypes: [], types: { T: dtype, Tdim: 'int32' } }, operands);
    });
  },
};
