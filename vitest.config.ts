import { defineConfig } from 'vitest/config';

export default defineConfig({
  test: {
    // One process a core: vitest leaves a core out by itself, which is half of a small machine.
    maxWorkers: '100%',
    // Projects share what was transformed for another one, and engines for the engine before.
    experimental: { fsModuleCache: true },
    projects: ['packages/*', 'benchmarks', 'examples'],
  },
});
