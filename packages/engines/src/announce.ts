import type { HostPasses } from '@ltml/tensor';
import { hostPassesKey, type TensorCopier, tensorCopierKey, variableUpdaterKey } from '@ltml/tensor/engine';
import * as tf from '@tensorflow/tfjs-core';
import type { WasmBackend } from './kernels/wasm/memory.ts';
import { wasmUpdater } from './kernels/wasm/update-variables.ts';

/** How fast passes over host memory are on each engine. */
const byEngine: Readonly<Record<string, HostPasses>> = { cpu: 'always', wasm: 'short', tensorflow: 'short' };

/**
 * Tells `@ltml/tensor` what the active engine can do besides kernels: when loops over host memory pay, and how to
 * update variables in place and to copy values.
 */
export function announceAbilities(): void {
  const passes = byEngine[tf.getBackend()];
  const backend = tf.backend();
  if (passes && !Reflect.get(backend, 'isUsingGpuDevice')) Reflect.set(backend, hostPassesKey, passes);
  if (tf.getBackend() !== 'wasm') return;
  Reflect.set(backend, variableUpdaterKey, wasmUpdater(backend as unknown as WasmBackend));
  Reflect.set(backend, tensorCopierKey, copyIntoHeap);
}

/** WebAssembly can use no other memory than its own, so each tensor is a copy. */
const copyIntoHeap: TensorCopier = (values, shape) => tf.tensor(values, shape);
