import * as tf from '@tensorflow/tfjs-core';
import { announceAbilities } from '../announce.ts';
import { cpuKernels } from './cpu/index.ts';
import type { Kernel } from './kernel.ts';
import { reluGradient } from './relu-gradient.ts';
import { tensorflowKernels } from './tensorflow/index.ts';
import { wasmKernels } from './wasm/index.ts';

/** Where a kernel of ours keeps the one that it took the place of. */
const mark = Symbol.for('@ltml/kernel');

/**
 * Gives each engine that is loaded the kernels it misses, has wrong or has slow, and `tf.relu` a gradient of one pass. Calling it again changes nothing.
 *
 * `useBackend` calls it. Without `useBackend`, call it when the engine is ready (`await tf.ready()`): an import done later
 * brings the engine's own kernels back. Without it the ops of this package still compute, where the engine has the kernels, more slowly.
 */
export function registerKernels(): void {
  for (const [backendName, kernels] of Object.entries({
    cpu: cpuKernels,
    tensorflow: tensorflowKernels,
    wasm: wasmKernels,
  })) {
    if (!tf.findBackendFactory(backendName)) continue;
    for (const kernel of kernels) registerKernel(backendName, kernel);
  }
  if (tf.getBackend()) announceAbilities();
  if (tf.getGradient(reluGradient.kernelName) !== reluGradient) tf.registerGradient(reluGradient);
}

/** Gives an engine a kernel; once, however often it is called. */
export function registerKernel(backendName: string, { name, create }: Kernel): void {
  const original = tf.getKernel(name, backendName);
  if (original && Reflect.has(original, mark)) return;
  if (original) tf.unregisterKernel(name, backendName);
  const config = { ...original, kernelName: name, backendName, kernelFunc: create(original?.kernelFunc) };
  tf.registerKernel(Object.defineProperty(config, mark, { value: original }));
}
