import { createHash } from 'node:crypto';
import { existsSync, readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { registerKernel } from '../../kernels/register.ts';
import { logisticLoss } from '../../kernels/tensorflow/logistic-loss.ts';

const require = createRequire(import.meta.url);

/** The C++ source of our own kernels. It ships with the package, beside its code. */
export function kernelSource(): string {
  return join(dirname(require.resolve('@ltml/tensor/package.json')), 'native', 'logistic-loss.cc');
}

/** Where the compiled kernels lie: beside the addon, under a name that only this source has. */
export function kernelsPath(addon: string): string {
  const version = createHash('sha256').update(readFileSync(kernelSource())).digest('hex').slice(0, 12);
  return join(dirname(addon), `kernels-${version}.node`);
}

/**
 * Adds our own kernels to the TensorFlow that was loaded with the addon, if they were built for it: `ltml native install`
 * does. Without them ops take their composed forms.
 */
export function loadKernels(addon: string): void {
  const path = kernelsPath(addon);
  if (!existsSync(path)) return;
  require(path);
  registerKernel('tensorflow', logisticLoss);
}
