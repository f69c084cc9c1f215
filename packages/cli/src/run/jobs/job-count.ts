import { availableParallelism } from 'node:os';
import { readNativeStore } from '@ltml/engines/node';
import type { BackendArgument } from '../../option-parsers.ts';

/** Memory that a run of a suite takes, roughly, its process and engine counted. */
const bytesOfRun = 1.5e9;

/**
 * Runs at a time where the user does not say: as many as there are cores, if the memory that is free is enough; one on a
 * graphics card.
 */
export async function jobCount(backend: BackendArgument): Promise<number> {
  const { engines } = await readNativeStore();
  const hasCard = backend === 'auto' && engines.some(({ device }) => device === 'cuda');
  if (hasCard || backend === 'tensorflow-gpu') return 1;
  return Math.max(1, Math.min(availableParallelism(), Math.floor(process.availableMemory() / bytesOfRun)));
}
