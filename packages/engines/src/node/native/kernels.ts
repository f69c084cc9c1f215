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

/** The C++ sources of our own kernels, with their headers. They ship with the package, beside its code. */
export function kernelSources(): string[] {
  const folder = nativeSource('kernels');
  return readdirSync(folder)
    .sort()
    .map((file) => join(folder, file));
}

/** A file or folder of the package's C++. */
export function nativeSource(name: string): string {
  return join(dirname(require.resolve('@ltml/engines/package.json')), 'native', name);
}

/** Where the kernels lie that are compiled for a processor: beside the addon, under a name that only these sources have. */
export function kernelsPath(addon: string, processor: Processor): string {
  const hash = createHash('sha256');
  for (const file of kernelSources()) hash.update(readFileSync(file));
  return join(dirname(addon), `kernels-${hash.digest('hex').slice(0, 12)}-${processor}.node`);
}

/**
 * Adds our own kernels to the TensorFlow that was loaded with the addon, if they were built for it: `ltml native install`
 * does. Without them ops take their composed forms.
 *
 * @returns whether they are there
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

/** Runs something by TensorFlow's own ops alone, say to write a graph that others load. */
export function withoutNativeKernels<T>(run: () => T): T {
  const names = nativeKernels.map(({ name }) => name).filter((name) => tf.getKernel(name, 'tensorflow'));
  const configs = names.map((name) => tf.getKernel(name, 'tensorflow'));
  for (const name of names) tf.unregisterKernel(name, 'tensorflow');
  // Some have another form of ours below them.
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
