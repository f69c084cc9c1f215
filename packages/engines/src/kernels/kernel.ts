import type * as tf from '@tensorflow/tfjs-core';

/**
 * A kernel for one engine, registered by `registerKernels`.
 *
 * Names of TensorFlow.js are corrections of the engine's own kernel, or fill a gap. Names that start with `ltml/` are
 * fast forms of an op of this package, which has a composed form besides. Inputs are tensors, as every op calls kernels
 * through `runKernel`.
 */
export interface Kernel {
  readonly name: string;
  /** @param original the engine's own kernel of that name, if it has one */
  create(original: tf.KernelFunc | undefined): tf.KernelFunc;
}
