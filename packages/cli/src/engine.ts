import { type BackendName, useBackend } from '@ltml/engines';
import { readNativeStore } from '@ltml/engines/node';
import type { BackendArgument } from './option-parsers.ts';
import { printErrors } from './terminal.ts';

/** Starts the engine that `--backend` names, and says why it is not a faster one where an installed one is broken. */
export async function startEngine(name: BackendArgument = 'auto'): Promise<BackendName> {
  const choice = await useBackend(name);
  const { broken } = await readNativeStore();
  for (const { name: rejected, reason, remedy } of choice.rejected) {
    if ([...broken.keys()].some((record) => reason.includes(record))) {
      printErrors(`warning: ${choice.name} is taken, not ${rejected}: ${reason}. ${remedy}`);
    }
  }
  return choice.name;
}
