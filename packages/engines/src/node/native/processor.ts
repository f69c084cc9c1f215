import { existsSync, readFileSync } from 'node:fs';
import { OptionError } from '@ltml/tensor';

/** The kinds of processor that our kernels are compiled for, the fastest first; `portable` runs on all. */
export const processors = ['avx512', 'avx2', 'portable'] as const;

export type Processor = (typeof processors)[number];

/** What the compiler is told for each, and what the processor must have of it by the names of Linux. */
const needs: Readonly<Record<Processor, readonly string[]>> = {
  avx512: ['avx2', 'fma', 'avx512f', 'avx512bw', 'avx512dq', 'avx512vl'],
  avx2: ['avx2', 'fma'],
  portable: [],
};

/** What oneDNN, which computes TensorFlow's convolutions and products of matrices, calls them. */
const namesOfOneDnn: Readonly<Record<Processor, string>> = { avx512: 'AVX512_CORE', avx2: 'AVX2', portable: 'SSE41' };

/** Flags of the compiler by kind; of a processor other than x86-64 there is one kind. */
export function processorFlags(): Partial<Record<Processor, readonly string[]>> {
  if (process.arch !== 'x64') return { portable: [] };
  return Object.fromEntries(processors.map((name) => [name, needs[name].map((feature) => `-m${feature}`)]));
}

/** The kind of this processor. */
export function ownProcessor(): Processor {
  return possibleProcessors()[0];
}

/** All kinds whose code this processor can run, the fastest first. */
function possibleProcessors(): Processor[] {
  const features = new Set(processorFeatures());
  return processors.filter((name) => needs[name].every((feature) => features.has(feature)));
}

/**
 * The kind of this processor, or the slower one that `LTML_CPU` names, so that one machine tests the code of others.
 *
 * @throws OptionError if the variable names no kind, or one that this processor is not
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

/** Keeps oneDNN to the instructions that `LTML_CPU` names. To be called before TensorFlow is loaded. */
export function limitOneDnn(): void {
  if (process.env.LTML_CPU) process.env.ONEDNN_MAX_CPU_ISA ??= namesOfOneDnn[processorToUse()];
}

/** What this processor can do, as Linux names it; nothing elsewhere. */
export function processorFeatures(): string[] {
  if (!existsSync('/proc/cpuinfo')) return [];
  const line = /^(?:flags|Features)\s*:(.*)$/m.exec(readFileSync('/proc/cpuinfo', 'utf8'))?.[1] ?? '';
  return line.trim().split(' ');
}
