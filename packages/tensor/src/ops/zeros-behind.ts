import * as tf from '@tensorflow/tfjs-core';
import { customGradient } from './custom-gradient.ts';

/**
 * Zeros that depend on the inputs, so that their gradient is 0 and not missing. Used for tensors without entries, on
 * which kernels of some engines fail.
 */
export function zerosBehind<R extends tf.Rank>(shape: readonly number[], ...inputs: tf.Tensor[]): tf.Tensor<R> {
  return customGradient(
    inputs,
    () => ({ value: tf.zeros<R>([...shape] as tf.ShapeMap[R]), saved: [] }),
    () => inputs.map((input) => tf.zeros(input.shape)),
  );
}
