import { copyableValues } from '@ltml/tensor';
import type { TensorCopier } from '@ltml/tensor/engine';
import * as tf from '@tensorflow/tfjs-core';
import type { NativeBackend } from '../compile/native-backend.ts';

/** Makes tensors of which TensorFlow has its own copy at once. tfjs-node alone keeps the values until the first use. */
export function valuesCopier(backend: NativeBackend): TensorCopier {
  // Not the one of `freeHostCopies`, because the values will be used again.
  const { getInputTensorIds } = backend;
  const make = (values: Float32Array, shape: number[]): tf.Tensor => {
    const tensor = tf.tensor(values, shape);
    getInputTensorIds.call(backend, [tensor]);
    return tensor;
  };
  let copies: boolean | undefined;
  return (values, shape) => {
    copies ??= isCopied(make);
    return copies && isUnaligned(values) ? make(values, shape) : undefined;
  };
}

/** TensorFlow uses aligned memory in place. */
function isUnaligned({ byteOffset }: Float32Array): boolean {
  return byteOffset % 8 === copyableValues(0).byteOffset;
}

/** Whether this build of TensorFlow copies values that are not aligned. */
function isCopied(make: (values: Float32Array, shape: number[]) => tf.Tensor): boolean {
  const values = copyableValues(100).fill(1);
  const tensor = make(values, [values.length]);
  values.fill(2);
  const copied = tensor.dataSync().every((value) => value === 1);
  tensor.dispose();
  return copied;
}
