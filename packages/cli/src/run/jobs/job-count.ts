import { availableParallelism } from 'node:os';
import { readNativeStore } from '@ltml/engines/node';
import type { BackendArgument } from '../../option-parsers.ts';

/** Approximate memory of one run of a suite with its process and engine, in bytes. */
const bytesOfRun = 1.5e9;

/** The default number of runs at a time: the number of cores, or fewer if free memory is short; one on a GPU. */
export async function jobCount(backend: BackendArgument): Promise<number> {
  const { engines } = await readNativeStore();
  const hasCard = backend === 'auto' && engines.some(({ device }) => device === 'cuda');
  if (hasCard || backend === 'tensorflow-gpu') return 1;
  return Math.max(1, Math.min(availableParallelism(), Math.floor(process.availableMemory() / bytesOfRun)));
}
