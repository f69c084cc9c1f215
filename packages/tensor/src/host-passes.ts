import * as tf from '@tensorflow/tfjs-core';

/**
 * When one pass in JavaScript over a tensor's memory is faster than a chain of the engine's kernels. `always`; `short`:
 * only for short tensors, because each kernel call has a fixed cost; `never`: the memory is elsewhere, as on a GPU.
 */
export type HostPasses = 'always' | 'short' | 'never';

/** The property of a backend that holds its {@link HostPasses}. */
export const hostPassesKey: symbol = Symbol.for('@ltml/tensor/host-passes');

/** When passes over host memory are faster on the active engine; `never` if the engine does not say. */
export function hostPasses(): HostPasses {
  return (Reflect.get(tf.backend(), hostPassesKey) as HostPasses | undefined) ?? 'never';
}
