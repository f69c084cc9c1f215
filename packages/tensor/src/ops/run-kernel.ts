import * as tf from '@tensorflow/tfjs-core';

/**
 * Runs our own kernel where the active engine has it, and the composed form, which computes the same, where not.
 *
 * To be called inside of a custom gradient, as our kernels have none by themselves.
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

/** Whether the active engine has that kernel of ours. */
export function hasKernel(name: `ltml/${string}`): boolean {
  return tf.getKernel(name, tf.getBackend()) !== undefined;
}
