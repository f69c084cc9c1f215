// Checks every package with its own strict settings, then tests, benchmarks and examples together.
import { spawnSync } from 'node:child_process';
import { readdirSync } from 'node:fs';

const projects = [...readdirSync('packages').map((name) => `packages/${name}`), '.'];
let failed = false;
for (const project of projects) {
  const { status } = spawnSync('node_modules/.bin/tsc', ['-p', project], { stdio: 'inherit' });
  if (status !== 0) failed = true;
}
process.exit(failed ? 1 : 0);
