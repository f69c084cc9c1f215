import type { HostPasses } from '@ltml/tensor';
import { hostPassesKey, variableUpdaterKey } from '@ltml/tensor/engine';
import * as tf from '@tensorflow/tfjs-core';
import type { WasmBackend } from './kernels/wasm/memory.ts';
import { wasmUpdater } from './kernels/wasm/update-variables.ts';

const byEngine: Readonly<Record<string, HostPasses>> = { cpu: 'always', wasm: 'short', tensorflow: 'short' };

/** Says on the active backend what it can do besides kernels: when passes over host memory pay, how it updates variables. */
export function announceAbilities(): void {
  const passes = byEngine[tf.getBackend()];
  const backend = tf.backend();
  if (passes && !Reflect.get(backend, 'isUsingGpuDevice')) Reflect.set(backend, hostPassesKey, passes);
  if (tf.getBackend() !== 'wasm') return;
  Reflect.set(backend, variableUpdaterKey, wasmUpdater(backend as unknown as WasmBackend));
}
