import { defineConfig, type Options } from 'tsup';

/** The build every package shares: ESM and types from the given entries, dependencies left outside. */
export function library(
  entry: string[] | Record<string, string>,
  options: Options = {},
): ReturnType<typeof defineConfig> {
  return defineConfig({
    entry,
    format: 'esm',
    target: 'es2022',
    platform: 'neutral',
    dts: true,
    sourcemap: true,
    clean: true,
    ...options,
  });
}
