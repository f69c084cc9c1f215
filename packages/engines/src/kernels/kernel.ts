import type * as tf from '@tensorflow/tfjs-core';

/**
 * A kernel for one engine, registered by `registerKernels`.
 *
 * A kernel with a name of TensorFlow.js corrects the engine's own kernel or adds a missing one. A kernel whose name
 * starts with `ltml/` is a fast form of an op of LTML, which also has a composed form. Inputs are tensors, since all
 * ops call kernels through `runKernel`.
 */
export interface Kernel {
  readonly name: string;
  /** @param original the engine's own kernel of that name, if it has one */
  create(original: tf.KernelFunc | undefined): tf.KernelFunc;
}
