import { type BackendChoice, useBackend } from '@ltml/tensor/node';
import { Option } from 'commander';

const backends = ['auto', 'tensorflow-gpu', 'tensorflow', 'webgpu', 'wasm', 'cpu'] as const;

/** Value of {@link backendOption}. */
export type BackendArgument = (typeof backends)[number];

/** `--backend NAME`, by default the environment's LTML_BACKEND or the fastest engine that works. */
export function backendOption(): Option {
  return new Option('--backend <name>', 'engine to run on (default: the fastest that works)')
    .choices(backends)
    .env('LTML_BACKEND');
}

/** Starts the engine named by {@link backendOption}. */
export async function startEngine(name: BackendArgument = 'auto'): Promise<BackendChoice['name']> {
  return (await useBackend(name)).name;
}
