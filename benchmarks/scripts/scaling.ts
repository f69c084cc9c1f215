// Measures how a suite scales with parallel runs: the same runs from scratch, in 1, 2, … processes of one thread each.
//   node --import tsx benchmarks/scripts/scaling.ts [SUITE [JOBS,JOBS,…]]
import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { availableParallelism, tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const bin = fileURLToPath(new URL('../../packages/cli/src/bin.ts', import.meta.url));
const cores = availableParallelism();
const powers = Array.from({ length: Math.floor(Math.log2(cores)) + 1 }, (_, i) => 2 ** i);
const [suite = 'quick/long-tail', list = powers.join(',')] = process.argv.slice(2);

/** Seconds of wall time. */
function measure(jobs: number): number {
  const folder = mkdtempSync(join(tmpdir(), 'ltml-scaling-'));
  try {
    const args = ['--import', 'tsx', bin, 'bench', '--suite', suite, '--jobs', String(jobs), '--out', folder];
    const from = performance.now();
    const { status } = spawnSync(process.execPath, args, {
      env: { ...process.env, LTML_THREADS: '1' },
      stdio: ['ignore', 'ignore', 'inherit'],
    });
    if (status !== 0) throw new Error(`ltml bench ended with ${status}`);
    return (performance.now() - from) / 1000;
  } finally {
    rmSync(folder, { recursive: true });
  }
}

console.log(`${suite} on ${cores} cores, one thread a run`);
let alone = 0;
for (const jobs of list.split(',').map(Number)) {
  const seconds = measure(jobs);
  alone ||= seconds;
  console.log(`${jobs} at a time: ${seconds.toFixed(1)} s, ${(alone / seconds).toFixed(2)} × as fast`);
}
