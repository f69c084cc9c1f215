import { mkdirSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';

const core = dirname(createRequire(import.meta.url).resolve('@tensorflow/tfjs-core/package.json'));
const folder = fileURLToPath(new URL('../../node_modules/.cache/core-tests', import.meta.url));

/**
 * TensorFlow.js core's own tests as one file that Node can run: as they are shipped they leave out the endings of files. They
 * are told of the engine by `ltmlTestEnvironment`, a global.
 */
export async function bundleCoreTests(): Promise<string> {
  mkdirSync(folder, { recursive: true });
  const environment = join(folder, 'environment.mjs');
  writeFileSync(
    environment,
    `import { setTestEnvs } from ${JSON.stringify(join(core, 'dist', 'jasmine_util.js'))};
    setTestEnvs([globalThis.ltmlTestEnvironment]);`,
  );
  const entries = [
    environment,
    ...['register_all_gradients', 'public/chained_ops/register_all_chained_ops', 'tests'].map((name) =>
      join(core, 'dist', `${name}.js`),
    ),
  ];
  const outfile = join(folder, 'tests.cjs');
  await build({
    stdin: { contents: entries.map((entry) => `import ${JSON.stringify(entry)};`).join('\n'), resolveDir: core },
    outfile,
    bundle: true,
    platform: 'node',
    format: 'cjs',
    external: ['jasmine-core'],
    // The package says that its tests do nothing by themselves.
    ignoreAnnotations: true,
    logLevel: 'error',
  });
  return outfile;
}
