import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { ltml } from './in-process.ts';
import { type Cluster, hasSlurm, startCluster } from './slurm-cluster.ts';

const folder = mkdtempSync(join(tmpdir(), 'ltml-slurm-'));
const bin = fileURLToPath(new URL('../src/bin.ts', import.meta.url));
const tsx = pathToFileURL(fileURLToPath(import.meta.resolve('tsx'))).href;

// Without Slurm nothing of this can be tried. 24 runs, with workers that are killed and a node that is drained:
// scripts/slurm-sweep.ts.
describe.skipIf(!hasSlurm)('a sweep on Slurm', { timeout: 300_000 }, () => {
  let cluster: Cluster;
  beforeAll(() => {
    cluster = startCluster(folder, ['one']);
  });
  afterAll(async () => {
    delete process.env.SLURM_CONF;
    cluster.stop();
    await sleep(500);
    rmSync(folder, { recursive: true, force: true });
  });

  it('comes to what one process comes to, with a task that is queued again in the middle of an epoch', async () => {
    const recipe = fileURLToPath(new URL('../../classifier/recipes/digits/quick/bce.yaml', import.meta.url));
    const small = { 'features.views': 0, 'encoder.imageSize': 16, 'data.validation': { share: 0.8 } };
    const set = { ...small, steps: 40, checkpointEverySteps: 3 };
    const file = join(folder, 'sweep.yaml');
    writeFileSync(file, JSON.stringify({ recipe, set, seeds: [1, 2] }));
    const [onSlurm, serial] = ["a folder's #1", 'serial'].map((name) => join(folder, name));
    for (const out of [onSlurm, serial]) await ltml('sweep', 'plan', file, '--out', out);
    const command = ['env', 'LTML_BACKEND=wasm', process.execPath, '--import', tsx, bin];
    const quoted = command.map((part) => `'${part}'`).join(' ');
    process.env.SLURM_CONF = cluster.env.SLURM_CONF;
    const submit = ['--to', 'slurm', '--pack', '2', '--command', quoted];
    const { stdout: said } = await ltml('sweep', 'submit', onSlurm, ...submit);
    const job = /Submitted batch job (\d+)/.exec(said)?.[1];
    expect(job, said).toBeDefined();
    const runs = join(onSlurm, 'runs');
    const trains = (): boolean =>
      existsSync(runs) && readdirSync(runs).some((id) => existsSync(join(runs, id, 'metrics.jsonl')));
    while (!trains()) await sleep(20);
    cluster.run('scontrol', 'requeue', `${job}_0`);
    while (cluster.run('squeue', '-h').trim() !== '') await sleep(200);
    expect((await ltml('sweep', 'status', onSlurm)).stdout).toContain('2 runs: 2 done');
    await ltml('sweep', 'run', serial, '--all', '--jobs', '1', '--backend', 'wasm');
    expect((await ltml('sweep', 'collect', onSlurm)).stdout).toBe((await ltml('sweep', 'collect', serial)).stdout);
    const log = readFileSync(join(onSlurm, `slurm-${job}_0.log`), 'utf8');
    expect(log.match(/2 runs on wasm/g)?.length, log).toBe(2);
  });
});
