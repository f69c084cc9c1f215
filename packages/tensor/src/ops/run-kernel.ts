import * as tf from '@tensorflow/tfjs-core';

/**
 * Runs one of this project's kernels if the active engine has it, otherwise the composed form, which computes the same.
 *
 * Call it inside a custom gradient, because these kernels have no gradient of their own.
 */
export function runKernelOr<Outputs extends tf.Tensor | tf.Tensor[]>(
  name: `ltml/${string}`,
  inputs: Record<string, tf.Tensor>,
  attributes: Record<string, number>,
  composed: () => Outputs,
): Outputs {
  if (!hasKernel(name)) return composed();
  return tf.engine().runKernel(name, inputs, attributes);
}

/** Whether the active engine has this kernel of the project. */
export function hasKernel(name: `ltml/${string}`): boolean {
  return tf.getKernel(name, tf.getBackend()) !== undefined;
}
