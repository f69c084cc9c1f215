// Runs the test suite on every engine of this machine: always on WebAssembly, and on the native TensorFlow engine if it
// is installed. Tests that do not depend on the engine run once; see `once` in vitest.base.ts. Arguments are passed to
// vitest: `npm test -- --project losses`.
import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

const chosen = process.env.LTML_BACKEND;
const engines = chosen ? [chosen] : ['wasm', 'tensorflow'];
const counts = { passed: 0, failed: 0, skipped: 0 };
const folder = mkdtempSync(join(tmpdir(), 'ltml-test-'));

function isHere(engine) {
  if (engine === 'wasm' || chosen) return true;
  const cli = ['--import', 'tsx', 'packages/cli/src/bin.ts'];
  return spawnSync(process.execPath, [...cli, 'doctor', '--has', engine]).status === 0;
}

/** Runs the suite on one engine and adds its counts. A run that crashes before its report counts as one failure. */
function runOn(engine) {
  const report = join(folder, `${engine}.json`);
  const reporters = ['--reporter=default', '--reporter=json', `--outputFile.json=${report}`];
  // A named project or file may contain only tests that run once, and then has none on the second engine.
  const again = engine === engines[0] ? [] : ['--passWithNoTests'];
  const { status } = spawnSync('node_modules/.bin/vitest', ['run', ...reporters, ...again, ...process.argv.slice(2)], {
    stdio: 'inherit',
    env: { ...process.env, LTML_BACKEND: engine },
    shell: process.platform === 'win32',
  });
  try {
    const { numPassedTests, numFailedTests, numPendingTests, numTodoTests } = JSON.parse(readFileSync(report, 'utf8'));
    counts.passed += numPassedTests;
    counts.failed += numFailedTests;
    counts.skipped += numPendingTests + numTodoTests;
    if (status !== 0 && numFailedTests === 0) counts.failed++;
  } catch {
    counts.failed++;
  }
}

for (const engine of engines) {
  console.log(`\nengine ${engine}`);
  if (isHere(engine)) runOn(engine);
  else console.log('not available on this machine, so not tested; `npm run ltml -- doctor` says why and what to do');
}
rmSync(folder, { recursive: true });
console.log(`\n${counts.passed} passed, ${counts.failed} failed, ${counts.skipped} skipped`);
process.exit(counts.failed > 0 ? 1 : 0);
