import type { HostPasses } from '@ltml/tensor';
import { hostPassesKey } from '@ltml/tensor/engine';
import * as tf from '@tensorflow/tfjs-core';

const byEngine: Readonly<Record<string, HostPasses>> = { cpu: 'always', wasm: 'short', tensorflow: 'short' };

/** Says on the active backend when passes over host memory pay; see `hostPasses` of `@ltml/tensor`. */
export function announceHostPasses(): void {
  const passes = byEngine[tf.getBackend()];
  const backend = tf.backend();
  if (passes && !Reflect.get(backend, 'isUsingGpuDevice')) Reflect.set(backend, hostPassesKey, passes);
}
