import { fileURLToPath } from 'node:url';
import { defineConfig, type ViteUserConfig } from 'vitest/config';

const engine = process.env.LTML_BACKEND ?? 'wasm';

export interface TestsOptions {
  /** Each file in a process of its own, for tests that change engines or modules; it takes seconds a file. */
  readonly isolate?: boolean;
  /**
   * Files that are tested once, with the suite on WebAssembly, as patterns below `test` without `.test.ts`. No engine makes a
   * difference to what they say: they compute no tensor, or leave it to programs that choose their engine, or other tests say
   * it of each engine.
   */
  readonly once?: readonly string[];
}

/** The test settings every package shares. Forks, because TensorFlow's addon lives in one thread of a process only. */
export function tests(name: string, { isolate = false, once = [] }: TestsOptions = {}): ViteUserConfig {
  // There is a process for each core already, but the native engine's kernels are to be tested on their threads, too.
  const threads = engine === 'tensorflow' ? '' : '1';
  return defineConfig({
    test: {
      name,
      pool: 'forks',
      include: ['test/**/*.test.ts'],
      exclude: engine === 'wasm' ? [] : once.map((files) => `test/${files}.test.ts`),
      setupFiles: [fileURLToPath(new URL('./vitest.setup.ts', import.meta.url))],
      isolate,
      testTimeout: 60_000,
      env: { LTML_THREADS: process.env.LTML_THREADS ?? threads },
    },
  });
}
