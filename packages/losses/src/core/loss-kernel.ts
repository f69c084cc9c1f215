import * as tf from '@tensorflow/tfjs-core';

/** A loss by one kernel of the engine: the sum of the values and the derivatives by the inputs, all times `scale`. */
export type KernelPass = (scale: tf.Scalar) => readonly [value: tf.Scalar, ...derivatives: tf.Tensor2D[]];

/** Runs a kernel of `@ltml/tensor` for a whole loss, or its weights; see `lossKernels` there. */
export type LossKernel = (
  inputs: Record<string, tf.Tensor>,
  attributes?: Record<string, number>,
) => readonly [value: tf.Scalar, byEntry: tf.Tensor2D];

/** The kernel of that name of the active engine; undefined where it has none, as all but `tensorflow` have. */
export function findLossKernel(name: `ltml/${string}`): LossKernel | undefined {
  if (!tf.getKernel(name, tf.getBackend())) return undefined;
  return (inputs, attributes = {}) => {
    const outputs: tf.Tensor[] = tf.engine().runKernel(name, inputs, attributes);
    return outputs as [tf.Scalar, tf.Tensor2D];
  };
}
