import * as tf from '@tensorflow/tfjs-core';

/**
 * A loss computed by one kernel: the sum of the values and the derivatives with respect to the inputs, all times
 * `scale`.
 */
export type KernelPass = (scale: tf.Scalar) => readonly [value: tf.Scalar, ...derivatives: tf.Tensor2D[]];

/** Runs a kernel of `@ltml/tensor` that computes a whole loss, or its weights; see `lossKernels` there. */
export type LossKernel = (
  inputs: Record<string, tf.Tensor>,
  attributes?: Record<string, number>,
) => readonly [value: tf.Scalar, byEntry: tf.Tensor2D];

/** The active engine's kernel of that name; undefined if it has none. Only the engine `tensorflow` has loss kernels. */
export function findLossKernel(name: `ltml/${string}`): LossKernel | undefined {
  if (!tf.getKernel(name, tf.getBackend())) return undefined;
  return (inputs, attributes = {}) => {
    const outputs: tf.Tensor[] = tf.engine().runKernel(name, inputs, attributes);
    return outputs as [tf.Scalar, tf.Tensor2D];
  };
}
