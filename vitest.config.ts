import { defineConfig } from 'vitest/config';

export default defineConfig({
  test: {
    projects: ['packages/*', 'benchmarks', 'examples'].map((folder) => folder),
  },
});
