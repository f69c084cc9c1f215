import { existsSync, readFileSync } from 'node:fs';
import { OptionError } from '@ltml/tensor';

/** Kinds of processors that LTML's kernels are compiled for, the fastest first. `portable` runs on all. */
export const processors = ['avx512', 'avx2', 'portable'] as const;

/** A kind of processor. */
export type Processor = (typeof processors)[number];

/** Instruction sets that each kind needs, by their names in Linux. They are also the compiler's flags. */
const needs: Readonly<Record<Processor, readonly string[]>> = {
  avx512: ['avx2', 'fma', 'avx512f', 'avx512bw', 'avx512dq', 'avx512vl'],
  avx2: ['avx2', 'fma'],
  portable: [],
};

/** Names of the kinds in oneDNN, which computes TensorFlow's convolutions and matrix multiplications. */
const namesOfOneDnn: Readonly<Record<Processor, string>> = { avx512: 'AVX512_CORE', avx2: 'AVX2', portable: 'SSE41' };

/** Compiler flags by kind. Processors other than x86-64 have only the kind `portable`. */
export function processorFlags(): Partial<Record<Processor, readonly string[]>> {
  if (process.arch !== 'x64') return { portable: [] };
  return Object.fromEntries(processors.map((name) => [name, needs[name].map((feature) => `-m${feature}`)]));
}

/** The kind of this processor. */
export function ownProcessor(): Processor {
  return possibleProcessors()[0];
}

/** The kinds whose code this processor can run, the fastest first. */
function possibleProcessors(): Processor[] {
  const features = new Set(processorFeatures());
  return processors.filter((name) => needs[name].every((feature) => features.has(feature)));
}

/**
 * The kind of processor whose code is used: that of this processor, or a slower one named by `LTML_CPU`, e.g. to test
 * its code.
 *
 * @throws OptionError if the variable names an unknown kind, or one that this processor can't run
 */
export function processorToUse(): Processor {
  const possible = possibleProcessors();
  const given = process.env.LTML_CPU;
  if (!given) return possible[0];
  const found = possible.find((name) => name === given);
  if (found) return found;
  throw new OptionError({
    where: 'useBackend',
    argument: 'LTML_CPU',
    expected: `one of ${possible.join(', ')} on this processor`,
    received: `"${given}"`,
  });
}

/** Limits oneDNN to the instructions of the kind in `LTML_CPU`. Call it before TensorFlow is loaded. */
export function limitOneDnn(): void {
  if (process.env.LTML_CPU) process.env.ONEDNN_MAX_CPU_ISA ??= namesOfOneDnn[processorToUse()];
}

/** Features of this processor, by their names in Linux; empty on other systems. */
export function processorFeatures(): string[] {
  if (!existsSync('/proc/cpuinfo')) return [];
  const line = /^(?:flags|Features)\s*:(.*)$/m.exec(readFileSync('/proc/cpuinfo', 'utf8'))?.[1] ?? '';
  return line.trim().split(' ');
}
