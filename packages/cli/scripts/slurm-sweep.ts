// 24 runs as a Slurm array on two nodes of this machine. Two workers are killed, a node is drained and resumed; then all run
// folders are there, each run was done once, and the table is that of a serial sweep. Needs Slurm (Debian: slurm-wlm) and about
// five minutes.
//
//   npx tsx packages/cli/scripts/slurm-sweep.ts
import { execFileSync } from 'node:child_process';
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { startCluster } from '../test/slurm-cluster.ts';

const folder = mkdtempSync(join(tmpdir(), 'ltml-slurm-'));
const bin = fileURLToPath(new URL('../src/bin.ts', import.meta.url));
const tsx = pathToFileURL(fileURLToPath(import.meta.resolve('tsx'))).href;
const recipe = fileURLToPath(new URL('../../classifier/recipes/digits/quick/bce.yaml', import.meta.url));
const cluster = startCluster(folder, ['one', 'two']);
const ltml = ['--import', tsx, bin];
const sweep = (...args: string[]): string =>
  execFileSync(process.execPath, [...ltml, 'sweep', ...args], {
    encoding: 'utf8',
    env: cluster.env,
    stdio: ['ignore', 'pipe', 'ignore'],
  });
const faults: string[] = [];
const expectThat = (holds: boolean, what: string): void => {
  console.log(`${holds ? 'holds' : 'FAULT'}: ${what}`);
  if (!holds) faults.push(what);
};

try {
  const file = join(folder, 'sweep.yaml');
  const small = { 'features.views': 0, 'encoder.imageSize': 16, 'data.validation': { share: 0.8 } };
  const set = { ...small, steps: 60, checkpointEverySteps: 3 };
  const grid = { 'method.options.optimizer.learningRate': [0.1, 0.03, 0.01, 0.003] };
  writeFileSync(file, JSON.stringify({ recipe, set, grid, seeds: [1, 2, 3, 4, 5, 6] }));
  const [onSlurm, serial] = ['slurm', 'serial'].map((name) => join(folder, name));
  for (const out of [onSlurm, serial]) sweep('plan', file, '--out', out);
  const command = ['env', 'LTML_BACKEND=wasm', process.execPath, ...ltml].map((part) => `'${part}'`).join(' ');
  sweep('submit', onSlurm, '--to', 'slurm', '--parallel', '3', '--command', command);
  const began = performance.now();

  const runs = join(onSlurm, 'runs');
  const ids = (): string[] => (existsSync(runs) ? readdirSync(runs) : []);
  /** The process that works on a run, by its lock. */
  const worker = (id: string): number | undefined => {
    const lock = readdirSync(join(runs, id)).find((name) => /^run\.\d+\.lock$/.test(name));
    return lock === undefined
      ? undefined
      : (JSON.parse(readFileSync(join(runs, id, lock), 'utf8')) as { pid: number }).pid;
  };
  const killed = new Set<string>();
  const killOne = async (): Promise<void> => {
    for (;;) {
      for (const id of ids().filter((other) => !killed.has(other) && existsSync(join(runs, other, 'metrics.jsonl')))) {
        const pid = existsSync(join(runs, id, 'summary.json')) ? undefined : worker(id);
        if (pid === undefined) continue;
        process.kill(pid, 'SIGKILL');
        killed.add(id);
        console.log(`killed the worker of ${id}`);
        return;
      }
      await sleep(20);
    }
  };
  await killOne();
  await killOne();
  cluster.run('scontrol', 'update', 'nodename=two', 'state=drain', 'reason=trial');
  console.log('node two drains');
  await sleep(20_000);
  const rest = cluster.run('squeue', '-h', '-w', 'two').trim();
  console.log(`tasks on node two after 20 s of draining: ${rest === '' ? 0 : rest.split('\n').length}`);
  cluster.run('scontrol', 'update', 'nodename=two', 'state=resume');
  while (cluster.run('squeue', '-h').trim() !== '') await sleep(500);
  console.log(`worked off in ${((performance.now() - began) / 1000).toFixed(0)} s`);

  const status = sweep('status', onSlurm).split('\n')[0];
  console.log(status);
  expectThat(status.includes('24 runs: 24 done'), 'every run is done');
  expectThat(ids().length === 24, `${ids().length} run folders`);
  const logs = readdirSync(onSlurm).filter((name) => /^slurm-\d+_\d+\.log$/.test(name));
  const said = logs.map((name) => readFileSync(join(onSlurm, name), 'utf8')).join('');
  const finished = [...said.matchAll(/^run (\d+): .*: done$/gm)].map(([, index]) => index);
  expectThat(
    finished.length === 24 && new Set(finished).size === 24,
    `${finished.length} runs told their end, each once`,
  );
  sweep('run', serial, '--all', '--jobs', '1', '--backend', 'wasm');
  const steps = (of: string, id: string): string => {
    const lines = readFileSync(join(of, 'runs', id, 'metrics.jsonl'), 'utf8')
      .trim()
      .split('\n');
    const reports = lines.map((line) => JSON.parse(line) as { kind: string; step: number; loss: number });
    return reports.map(({ kind, step, loss }) => `${kind} ${step} ${loss}`).join('\n');
  };
  expectThat(
    ids().every((id) => steps(onSlurm, id) === steps(serial, id)),
    'every log has the steps and losses of a serial run, each once',
  );
  for (const id of killed) {
    const processes = JSON.parse(readFileSync(join(runs, id, 'environment.json'), 'utf8')) as unknown[];
    expectThat(processes.length > 1, `${processes.length} processes worked on ${id}`);
  }
  expectThat(sweep('collect', onSlurm) === sweep('collect', serial), 'the table is that of a serial sweep');
  console.log(sweep('collect', onSlurm));
} finally {
  cluster.stop();
  await sleep(500);
  rmSync(folder, { recursive: true, force: true });
}
process.exitCode = faults.length === 0 ? 0 : 1;
