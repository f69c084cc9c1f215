import * as tf from '@tensorflow/tfjs-core';

/**
 * Makes a tensor that has its own copy of float32 values when the function returns. Undefined if the engine would
 * continue to use the memory of these values.
 */
export type TensorCopier = (values: Float32Array, shape: number[]) => tf.Tensor | undefined;

/** The property of a backend that holds its {@link TensorCopier}. */
export const tensorCopierKey: symbol = Symbol.for('@ltml/tensor/tensor-copier');

/**
 * A tensor with its own copy of values that {@link copyableValues} made, so that their memory can be used again. This
 * avoids garbage: with arrays of several megabytes in each step, JavaScript would mark its whole heap at every step.
 *
 * @returns undefined if the active engine would continue to use the memory, as `tf.tensor` may
 */
export function copiedTensor(values: Float32Array, shape: number[]): tf.Tensor | undefined {
  return (Reflect.get(tf.backend(), tensorCopierKey) as TensorCopier | undefined)?.(values, shape);
}

/** Memory for values, at first 0, from which engines can make a {@link copiedTensor}. */
export function copyableValues(length: number): Float32Array {
  const { BYTES_PER_ELEMENT: bytes } = Float32Array;
  // TensorFlow uses aligned memory in place, and copies from all other. Buffers begin at multiples of 8 bytes or more.
  return new Float32Array(new ArrayBuffer((1 + length) * bytes), bytes, length);
}
