import { createHash } from 'node:crypto';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import * as tf from '@tensorflow/tfjs-core';
import { registerKernel, registerKernels } from '../../kernels/register.ts';
import { attentionKernels, layerKernels } from '../../kernels/tensorflow/layer-kernel.ts';
import { lossKernels } from '../../kernels/tensorflow/loss-kernel.ts';
import { type Processor, processorToUse } from './processor.ts';

const nativeKernels = [...attentionKernels, ...layerKernels, ...lossKernels];

const require = createRequire(import.meta.url);

/** LTML's C++ sources of kernels, with headers. They are part of the package. */
export function kernelSources(): string[] {
  const folder = nativeSource('kernels');
  return readdirSync(folder)
    .sort()
    .map((file) => join(folder, file));
}

/** Path of a file or folder of the package's C++ sources. */
export function nativeSource(name: string): string {
  return join(dirname(require.resolve('@ltml/engines/package.json')), 'native', name);
}

/** Path of the kernels compiled for a processor. They are beside the addon; their name has a hash of the sources. */
export function kernelsPath(addon: string, processor: Processor): string {
  const hash = createHash('sha256');
  for (const file of kernelSources()) hash.update(readFileSync(file));
  return join(dirname(addon), `kernels-${hash.digest('hex').slice(0, 12)}-${processor}.node`);
}

/**
 * Adds LTML's kernels to the TensorFlow that was loaded with the addon, if they were built (by `ltml native install`).
 * Without them, ops use their composed forms.
 *
 * @returns whether they were found
 */
export function loadKernels(addon: string): boolean {
  const processor = processorToUse();
  const path = kernelsPath(addon, processor);
  if (!existsSync(path)) return false;
  require(path);
  const kernels = [...(processor === 'portable' ? [] : attentionKernels), ...layerKernels, ...lossKernels];
  for (const kernel of kernels) registerKernel('tensorflow', kernel);
  return true;
}

/** Calls a function that uses only TensorFlow's own ops, e.g. to write a graph for other programs. */
export function withoutNativeKernels<T>(run: () => T): T {
  const names = nativeKernels.map(({ name }) => name).filter((name) => tf.getKernel(name, 'tensorflow'));
  const configs = names.map((name) => tf.getKernel(name, 'tensorflow'));
  for (const name of names) tf.unregisterKernel(name, 'tensorflow');
  // Some of these kernels replaced other kernels of LTML, which are registered now.
  registerKernels();
  try {
    return run();
  } finally {
    for (const config of configs) {
      if (tf.getKernel(config.kernelName, 'tensorflow')) tf.unregisterKernel(config.kernelName, 'tensorflow');
      tf.registerKernel(config);
    }
  }
}
