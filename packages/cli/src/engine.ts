import { type BackendName, useBackend } from '@ltml/engines';
import { readNativeStore } from '@ltml/engines/node';
import type { BackendArgument } from './option-parsers.ts';
import { printErrors } from './terminal.ts';

/** Starts the engine that `--backend` names. Warns if a faster engine is installed but broken. */
export async function startEngine(name: BackendArgument = 'auto'): Promise<BackendName> {
  const choice = await useBackend(name);
  const { broken } = await readNativeStore();
  for (const { name: rejected, reason, remedy } of choice.rejected) {
    if ([...broken.keys()].some((record) => reason.includes(record))) {
      printErrors(`warning: uses ${choice.name} instead of ${rejected}: ${reason}. ${remedy}`);
    }
  }
  return choice.name;
}
