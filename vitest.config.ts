import { defineConfig } from 'vitest/config';

export default defineConfig({
  test: {
    // One process a core: vitest leaves a core out by itself, which is half of a small machine.
    maxWorkers: '100%',
    projects: ['packages/*', 'benchmarks', 'examples'].map((folder) => folder),
  },
});
