import * as tf from '@tensorflow/tfjs-core';
import { announceAbilities } from '../announce.ts';
import { cpuKernels } from './cpu/index.ts';
import type { Kernel } from './kernel.ts';
import { reluGradient } from './relu-gradient.ts';
import { tensorflowKernels } from './tensorflow/index.ts';
import { wasmKernels } from './wasm/index.ts';

/** Marks a kernel of LTML; its value is the kernel that it replaced. */
const mark = Symbol.for('@ltml/kernel');

/**
 * Gives each loaded engine the kernels that it lacks or that are wrong or slow in it, and gives `tf.relu` a gradient
 * that needs one pass. Calling it again changes nothing.
 *
 * `useBackend` calls it. Without `useBackend`, call it after the engine is ready (`await tf.ready()`): importing an
 * engine later restores the engine's own kernels. Without this call the ops of LTML still work if the engine has the
 * kernels they need, but more slowly.
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

/** Registers a kernel with an engine; a second call does nothing. */
export function registerKernel(backendName: string, { name, create }: Kernel): void {
  const original = tf.getKernel(name, backendName);
  if (original && Reflect.has(original, mark)) return;
  if (original) tf.unregisterKernel(name, backendName);
  const config = { ...original, kernelName: name, backendName, kernelFunc: create(original?.kernelFunc) };
  tf.registerKernel(Object.defineProperty(config, mark, { value: original }));
}
