import { defineConfig, type UserConfig } from 'tsdown';

/** The build every package shares: ESM and types from the given entries, dependencies left outside. */
export function library(
  entry: string[] | Record<string, string>,
  options: UserConfig = {},
): ReturnType<typeof defineConfig> {
  return defineConfig({
    entry,
    format: 'esm',
    target: 'es2022',
    platform: 'neutral',
    // Each file by itself, which its isolated declarations allow: `npm run lint` checks the types.
    dts: { oxc: true },
    sourcemap: true,
    deps: { neverBundle: /^node:/, onlyBundle: [] },
    checks: { pluginTimings: false },
    // The endings that the manifests name.
    fixedExtension: false,
    logLevel: 'warn',
    ...options,
  });
}
