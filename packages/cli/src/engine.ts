import { type BackendName, useBackend } from '@ltml/tensor/node';
import { Option } from 'commander';

const backends = ['auto', 'tensorflow-gpu', 'tensorflow', 'webgpu', 'wasm', 'cpu'] as const;

/** `--backend NAME`, by default the environment's LTML_BACKEND or the fastest engine that works. */
export function backendOption(): Option {
  return new Option('--backend <name>', 'engine to run on')
    .choices(backends)
    .env('LTML_BACKEND')
    .default('auto', 'the fastest that works');
}

/** Starts the engine named by {@link backendOption}. */
export async function startEngine(name: BackendName | 'auto'): Promise<BackendName> {
  return (await useBackend(name)).name;
}
