import * as tf from '@tensorflow/tfjs-core';

/**
 * When one pass of JavaScript over tensors beats a chain of the engine's kernels: `always`; for `short` tensors, where
 * each kernel call has its price; `never`, as on graphics cards, whose memory is elsewhere.
 */
export type HostPasses = 'always' | 'short' | 'never';

/** Where an engine says it, on its backend. */
export const hostPassesKey: symbol = Symbol.for('@ltml/tensor/host-passes');

/** When passes over host memory pay on the active engine; `never` if it does not say. */
export function hostPasses(): HostPasses {
  return (Reflect.get(tf.backend(), hostPassesKey) as HostPasses | undefined) ?? 'never';
}
