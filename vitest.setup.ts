import { useBackend } from './packages/engines/src/node/backend.ts';

// One engine a run: scripts/test.mjs repeats the suite for each engine of this machine.
await useBackend((process.env.LTML_BACKEND ?? 'wasm') as Parameters<typeof useBackend>[0]);
