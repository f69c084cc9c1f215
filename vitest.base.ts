import { fileURLToPath } from 'node:url';
import { defineConfig, type ViteUserConfig } from 'vitest/config';

/** There is a process for each core already, but the native engine's kernels are to be tested on their threads, too. */
const isNative = process.env.LTML_BACKEND === 'tensorflow';

/**
 * The test settings every package shares. Forks, because TensorFlow's addon lives in one thread of a process only.
 *
 * @param isolate each file in a process of its own, for tests that change engines or modules; it takes seconds a file
 * @param chooseEngine files whose programs choose their engine themselves, or that take minutes on a second one: tested once, with
 *   the suite on WebAssembly
 */
export function tests(
  name: string,
  { isolate = false, chooseEngine = [] }: { isolate?: boolean; chooseEngine?: readonly string[] } = {},
): ViteUserConfig {
  const once = (process.env.LTML_BACKEND ?? 'wasm') === 'wasm';
  return defineConfig({
    test: {
      name,
      pool: 'forks',
      include: ['test/**/*.test.ts'],
      exclude: once ? [] : chooseEngine.map((file) => `test/${file}.test.ts`),
      setupFiles: [fileURLToPath(new URL('./vitest.setup.ts', import.meta.url))],
      isolate,
      testTimeout: 60_000,
      env: { LTML_THREADS: process.env.LTML_THREADS ?? (isNative ? '' : '1') },
    },
  });
}
