import { execFileSync, spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { hostname, tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';

const hasSlurm = spawnSync('slurmctld', ['-V']).status === 0 && spawnSync('slurmd', ['-V']).status === 0;
const folder = mkdtempSync(join(tmpdir(), 'ltml-slurm-'));
const configuration = join(folder, 'slurm.conf');
const env = { ...process.env, SLURM_CONF: configuration, LTML_BACKEND: 'wasm' };
const run = (program: string, ...args: string[]): string =>
  execFileSync(program, args, { encoding: 'utf8', env, stdio: ['ignore', 'pipe', 'pipe'] });
const bin = fileURLToPath(new URL('../src/bin.ts', import.meta.url));
const tsx = pathToFileURL(fileURLToPath(import.meta.resolve('tsx'))).href;
const ltml = [process.execPath, '--import', tsx, bin];
const sweep = (...args: string[]): string => run(ltml[0], ...ltml.slice(1), 'sweep', ...args);

/** A cluster of one node, this machine, that trusts its user. */
function startCluster(): void {
  const name = hostname().split('.')[0];
  const port = 20_000 + (process.pid % 20_000);
  for (const part of ['state', 'spool']) mkdirSync(join(folder, part));
  const user = run('id', '-un').trim();
  writeFileSync(
    configuration,
    `ClusterName=one
SlurmctldHost=${name}(127.0.0.1)
AuthType=auth/none
CredType=cred/none
SlurmUser=${user}
SlurmdUser=${user}
SlurmctldPort=${port}
SlurmdPort=${port + 1}
StateSaveLocation=${folder}/state
SlurmdSpoolDir=${folder}/spool
SlurmctldPidFile=${folder}/slurmctld.pid
SlurmdPidFile=${folder}/slurmd.pid
SlurmctldLogFile=${folder}/slurmctld.log
SlurmdLogFile=${folder}/slurmd.log
ProctrackType=proctrack/linuxproc
TaskPlugin=task/none
SelectType=select/cons_tres
SelectTypeParameters=CR_Core
MpiDefault=none
ReturnToService=2
SlurmdParameters=config_overrides
NodeName=${name} NodeAddr=127.0.0.1 CPUs=4 State=UNKNOWN
PartitionName=main Nodes=ALL Default=YES State=UP
`,
  );
  run('slurmctld', '-f', configuration);
  run('slurmd', '-f', configuration);
}

function stopCluster(): void {
  for (const name of ['slurmd', 'slurmctld']) {
    const file = join(folder, `${name}.pid`);
    if (existsSync(file)) process.kill(Number(readFileSync(file, 'utf8')), 'SIGKILL');
  }
}

// Debian: apt-get install slurm-wlm. Without it nothing of this can be tried.
describe.skipIf(!hasSlurm)('a sweep on Slurm', { timeout: 900_000 }, () => {
  beforeAll(startCluster);
  afterAll(async () => {
    stopCluster();
    await sleep(500);
    rmSync(folder, { recursive: true, force: true });
  });

  it('comes to what one process comes to, with tasks that are queued again in the middle', async () => {
    const recipe = fileURLToPath(new URL('../../classifier/recipes/digits/quick/bce.yaml', import.meta.url));
    const small = { 'features.views': 0, 'encoder.imageSize': 16, 'data.validation': { share: 0.8 } };
    const set = { ...small, steps: 60, checkpointEverySteps: 3 };
    const file = join(folder, 'sweep.yaml');
    writeFileSync(file, JSON.stringify({ recipe, set, seeds: [1, 2] }));
    const [onSlurm, serial] = ["a folder's #1", 'serial'].map((name) => join(folder, name));
    for (const out of [onSlurm, serial]) sweep('plan', file, '--out', out);
    const command = ['env', 'LTML_BACKEND=wasm', ...ltml].map((part) => `'${part}'`).join(' ');
    const said = sweep('submit', onSlurm, '--to', 'slurm', '--parallel', '2', '--command', command);
    const job = /Submitted batch job (\d+)/.exec(said)?.[1];
    expect(job, said).toBeDefined();
    const runs = join(onSlurm, 'runs');
    const trains = (): boolean =>
      existsSync(runs) && readdirSync(runs).some((id) => existsSync(join(runs, id, 'metrics.jsonl')));
    while (!trains()) await sleep(20);
    for (const task of [0, 1]) spawnSync('scontrol', ['requeue', `${job}_${task}`], { env });
    while (run('squeue', '-h').trim() !== '') await sleep(500);
    expect(sweep('status', onSlurm)).toContain('2 runs: 2 done');
    sweep('run', serial, '--all', '--jobs', '1');
    expect(sweep('collect', onSlurm)).toBe(sweep('collect', serial));
    const log = readFileSync(join(onSlurm, `slurm-${job}_0.log`), 'utf8');
    expect(log.match(/1 run on wasm/g)?.length, log).toBeGreaterThan(1);
  });
});
