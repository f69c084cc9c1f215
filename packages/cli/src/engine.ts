import { type BackendName, useBackend } from '@ltml/engines';
import type { BackendArgument } from './option-parsers.ts';

/** Starts the engine that `--backend` names. */
export async function startEngine(name: BackendArgument = 'auto'): Promise<BackendName> {
  return (await useBackend(name)).name;
}
