// Type-checks, in parallel: the sources of all packages with strict settings, and tests, benchmarks and examples with
// theirs.
import { spawn } from 'node:child_process';
import { once } from 'node:events';

const check = async (project) => {
  const [status] = await once(spawn('node_modules/.bin/tsc', ['-p', project], { stdio: 'inherit' }), 'exit');
  return status === 0;
};
const right = await Promise.all(['tsconfig.src.json', 'tsconfig.json'].map(check));
process.exit(right.every(Boolean) ? 0 : 1);
