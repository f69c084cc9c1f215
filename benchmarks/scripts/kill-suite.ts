// Kills `ltml bench` with all its processes at random moments, and restarts it with the same command each time. Then
// compares the report with that of an undisturbed run.
//   node --import tsx benchmarks/scripts/kill-suite.ts [KILLS [SUITE [SEED]]]
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { RandomStream } from '@ltml/tensor';
import { readResults } from '../src/suites/report.ts';

const bin = fileURLToPath(new URL('../../packages/cli/src/bin.ts', import.meta.url));
const [kills = '3', suite = 'quick', seed = '1'] = process.argv.slice(2);
const random = new RandomStream(Number(seed));
const folder = mkdtempSync(join(tmpdir(), 'ltml-kill-suite-'));

/** Starts the command in a new process group, so that the processes of its runs are killed with it. */
function bench(out: string): ChildProcess {
  const args = ['--import', 'tsx', bin, 'bench', '--suite', suite, '--out', join(folder, out)];
  return spawn(process.execPath, args, { detached: true, stdio: ['ignore', 'ignore', 'inherit'] });
}

async function toTheEnd(out: string): Promise<number> {
  const from = performance.now();
  const [code] = await once(bench(out), 'exit');
  if (code !== 0) throw new Error(`${out} ended with ${code}`);
  return (performance.now() - from) / 1000;
}

/** Everything in a report except times. */
function said(out: string): string {
  return JSON.stringify(
    readResults(join(folder, out)).map(({ suite: { name }, measures, runs, rows }) => ({
      name,
      runs: runs.map((run) => [run.row, run.seed, measures.of(run), measures.perClass(run), run.epochs]),
      predictions: runs.map((run) => readFileSync(join(run.folder, 'predictions.safetensors'), 'base64')),
      rows: rows.map(({ seconds: _, ...row }) => row),
    })),
  );
}

try {
  const seconds = await toTheEnd('whole');
  console.log(`${suite} took ${seconds.toFixed(0)} s`);
  for (let kill = 1; kill <= Number(kills); kill++) {
    const child = bench('killed');
    const ended = once(child, 'exit');
    const after = random.uniform(0, seconds / (Number(kills) + 1));
    await new Promise((resolve) => setTimeout(resolve, 1000 * after));
    if (child.exitCode === null) process.kill(-(child.pid as number), 'SIGKILL');
    await ended;
    console.log(`killed after ${after.toFixed(0)} s`);
  }
  await toTheEnd('killed');
  const same = said('killed') === said('whole');
  console.log(same ? 'the same report' : 'ANOTHER report');
  process.exitCode = same ? 0 : 1;
} finally {
  rmSync(folder, { recursive: true });
}
