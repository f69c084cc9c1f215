import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { findMismatch } from '@ltml/tensor/testing';
import { afterAll, describe, expect, it } from 'vitest';

const hasMpi = spawnSync('mpirun', ['--version']).status === 0;
const folder = mkdtempSync(join(tmpdir(), 'ltml-mpi-'));
const bin = fileURLToPath(new URL('../src/bin.ts', import.meta.url));
const tsx = pathToFileURL(fileURLToPath(import.meta.resolve('tsx'))).href;
const recipe = join(folder, 'short.yaml');
writeFileSync(
  recipe,
  `loss: { name: binary-cross-entropy }
encoder: { imageSize: 16 }
features: null
pictures: { shift: 1 }
method: { options: { freeze: { parameters: null, statistics: '' } } }
batchSize: 100
steps: 30
checkpointEverySteps: 5
`,
);
afterAll(() => rmSync(folder, { recursive: true }));

interface Started {
  readonly child: ChildProcess;
  said: string;
  readonly ended: Promise<number | null>;
}

/** `ltml train` with so many ranks; with one, without a launcher. */
function start(ranks: number, ...args: string[]): Started {
  // A launcher binds a rank to a core, and refuses root, unless it is told otherwise.
  const launcher = ['mpirun', '--oversubscribe', '--bind-to', 'none', '-n', `${ranks}`];
  const ltml = [process.execPath, '--import', tsx, bin, 'train', recipe, ...args];
  const [program, ...rest] = ranks === 1 ? ltml : [...launcher, ...ltml];
  const child = spawn(program, rest, {
    stdio: ['ignore', 'pipe', 'pipe'],
    env: {
      ...process.env,
      LTML_BACKEND: process.env.LTML_BACKEND ?? 'wasm',
      OMPI_ALLOW_RUN_AS_ROOT: '1',
      OMPI_ALLOW_RUN_AS_ROOT_CONFIRM: '1',
    },
  });
  const started: Started = { child, said: '', ended: once(child, 'exit').then(([code]) => code as number | null) };
  for (const stream of [child.stdout, child.stderr]) {
    stream?.on('data', (chunk) => {
      started.said += String(chunk);
    });
  }
  return started;
}

/** By step; what a killed run had done after its last checkpoint is done again. */
function lossesOf(run: string): number[] {
  const lines = readFileSync(join(run, 'metrics.jsonl'), 'utf8').trim().split('\n');
  const reports = lines.map((line) => JSON.parse(line) as { kind: string; step: number; loss: number });
  const steps = reports.filter(({ kind }) => kind === 'step');
  return [...new Map(steps.map(({ step, loss }) => [step, loss])).values()];
}

/** Processes of the ranks by the environment that the launcher gave them. */
function pidOfRank(rank: number, out: string): number {
  for (const pid of readdirSync('/proc').filter((name) => /^\d+$/.test(name))) {
    try {
      const [command, environment] = ['cmdline', 'environ'].map((file) => readFileSync(`/proc/${pid}/${file}`, 'utf8'));
      if (command.includes(out) && environment.includes(`OMPI_COMM_WORLD_RANK=${rank}\0`)) return Number(pid);
    } catch {
      // It ended, or is another user's.
    }
  }
  throw new Error(`no rank ${rank}`);
}

// Debian: apt-get install openmpi-bin. Without it the ranks of the recipes' tests talk by pipes.
describe.skipIf(!hasMpi)('ltml train under mpirun', { timeout: 600_000 }, () => {
  it('ends with a sentence when a rank dies, and goes on with one rank where it was', async () => {
    const [whole, killed] = [join(folder, 'whole'), join(folder, 'killed')];
    const alone = start(1, '--out', whole);
    expect(await alone.ended, alone.said).toBe(0);

    const ranks = start(2, '--out', killed);
    const checkpoints = join(killed, 'checkpoints');
    while (ranks.child.exitCode === null && !(existsSync(checkpoints) && readdirSync(checkpoints).length > 0))
      await sleep(20);
    process.kill(pidOfRank(1, killed), 'SIGKILL');
    const at = performance.now();
    expect(await ranks.ended, ranks.said).not.toBe(0);
    expect((performance.now() - at) / 1000).toBeLessThan(30);
    expect(ranks.said).toMatch(/ltml, rank 0: mpi: rank 1 should be alive, got a process that has ended .*--resume/);

    const rest = start(1, '--out', killed, '--resume');
    expect(await rest.ended, rest.said).toBe(0);
    const [expected, losses] = [whole, killed].map(lossesOf);
    expect(losses.length).toBe(expected.length);
    expect(findMismatch(losses, expected, { relative: 1e-4, absolute: 1e-5 })).toBeNull();
  });
});
