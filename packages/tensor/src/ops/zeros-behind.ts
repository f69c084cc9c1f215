import * as tf from '@tensorflow/tfjs-core';
import { customGradient } from './custom-gradient.ts';

/**
 * Zeros that hang on tensors: what an op gives of tensors without entries, on which kernels of some engines fail. Their
 * gradient is 0, and not missing.
 */
export function zerosBehind<R extends tf.Rank>(shape: readonly number[], ...inputs: tf.Tensor[]): tf.Tensor<R> {
  return customGradient(
    inputs,
    () => ({ value: tf.zeros<R>([...shape] as tf.ShapeMap[R]), saved: [] }),
    () => inputs.map((input) => tf.zeros(input.shape)),
  );
}
