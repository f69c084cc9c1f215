// Runs the whole test suite once for every engine that this machine has: WebAssembly always, the native TensorFlow
// engine where it is installed. Arguments go to vitest: `npm test -- packages/losses`.
import { spawnSync } from 'node:child_process';

const engines = process.env.LTML_BACKEND ? [process.env.LTML_BACKEND] : ['wasm', 'tensorflow'];
for (const engine of engines) {
  if (engine !== 'wasm' && !process.env.LTML_BACKEND) {
    const probe = spawnSync(process.execPath, [
      '--import',
      'tsx',
      'packages/cli/src/bin.ts',
      'doctor',
      '--has',
      engine,
    ]);
    if (probe.status !== 0) {
      console.log(
        `\nengine ${engine}: not on this machine, its run of the suite is left out (\`npm run ltml -- doctor\` tells why)`,
      );
      continue;
    }
  }
  console.log(`\nengine ${engine}`);
  const env = { ...process.env, LTML_BACKEND: engine };
  const { status } = spawnSync('node_modules/.bin/vitest', ['run', ...process.argv.slice(2)], {
    stdio: 'inherit',
    env,
  });
  if (status !== 0) process.exit(status ?? 1);
}
