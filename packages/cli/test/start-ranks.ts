import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';

const bin = fileURLToPath(new URL('../src/bin.ts', import.meta.url));
const tsx = pathToFileURL(fileURLToPath(import.meta.resolve('tsx'))).href;

export interface Started {
  readonly child: ChildProcess;
  said: string;
  readonly ended: Promise<number | null>;
}

/** Writes a recipe of so many steps: a training encoder, so that ranks exchange gradients and feature maps. */
export function writeRanksRecipe(file: string, steps: number): void {
  writeFileSync(
    file,
    `loss: { name: binary-cross-entropy }
encoder: { imageSize: 16 }
features: null
pictures: { shift: 1 }
method: { options: { freeze: { parameters: null, statistics: '' } } }
batchSize: 100
steps: ${steps}
checkpointEverySteps: 5
`,
  );
}

/** `ltml train` with so many ranks; with one, without a launcher. */
export function startRanks(ranks: number, recipe: string, ...args: string[]): Started {
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

/** The loss of each step; what a killed run had done after its last checkpoint is done again. */
export function lossesOf(run: string): number[] {
  // What follows the last line break is still being written.
  const lines = readFileSync(join(run, 'metrics.jsonl'), 'utf8').split('\n').slice(0, -1);
  const reports = lines.map((line) => JSON.parse(line) as { kind: string; step: number; loss: number });
  const steps = reports.filter(({ kind }) => kind === 'step');
  return [...new Map(steps.map(({ step, loss }) => [step, loss])).values()];
}

/** The process of a rank, by the environment that Open MPI's launcher gave it; nothing where there is none. */
export function pidOfRank(rank: number, out: string): number | undefined {
  for (const pid of readdirSync('/proc').filter((name) => /^\d+$/.test(name))) {
    try {
      const [command, environment] = ['cmdline', 'environ'].map((file) => readFileSync(`/proc/${pid}/${file}`, 'utf8'));
      if (command.includes(out) && environment.includes(`OMPI_COMM_WORLD_RANK=${rank}\0`)) return Number(pid);
    } catch {
      // It ended, or is another user's.
    }
  }
  return undefined;
}
