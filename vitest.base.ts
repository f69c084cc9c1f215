import { fileURLToPath } from 'node:url';
import { defineConfig, type ViteUserConfig } from 'vitest/config';

/** The test settings every package shares. Forks, because TensorFlow's addon lives in one thread of a process only. */
export function tests(name: string): ViteUserConfig {
  return defineConfig({
    test: {
      name,
      pool: 'forks',
      include: ['test/**/*.test.ts'],
      setupFiles: [fileURLToPath(new URL('./vitest.setup.ts', import.meta.url))],
      testTimeout: 60_000,
    },
  });
}
