import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import {
  chmodSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { Job } from 'kubernetes-models/batch/v1/Job';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { indexedJob } from '../src/run/sweep/kubernetes.ts';
import { slurmScript } from '../src/run/sweep/slurm.ts';
import { ltml } from './in-process.ts';

const bin = fileURLToPath(new URL('../src/bin.ts', import.meta.url));
const recipe = fileURLToPath(new URL('../../classifier/recipes/digits/quick/bce.yaml', import.meta.url));
/** What makes a run take a second: few small pictures. */
const small = {
  data: { name: 'digits-ml', trainScenes: 200, testScenes: 60, validation: { share: 0.5 } },
  'encoder.imageSize': 16,
  'features.views': 0,
};
const folder = mkdtempSync(join(tmpdir(), 'ltml sweep-'));
const file = join(folder, 'sweep.yaml');
const sweep = join(folder, 'sweep');
beforeAll(() => {
  const set = { ...small, steps: 4, checkpointEverySteps: 2 };
  const grid = { loss: [{ name: 'binary-cross-entropy' }, { name: 'focal' }] };
  writeFileSync(file, JSON.stringify({ recipe, set, grid, seeds: [1, 2] }));
});
afterAll(() => rmSync(folder, { recursive: true }));

const run = (...args: string[]): ChildProcess =>
  spawn(process.execPath, ['--import', 'tsx', bin, 'sweep', 'run', sweep, ...args], {
    env: { ...process.env, LTML_BACKEND: 'wasm' },
  });

describe.skipIf(process.platform === 'win32')('ltml sweep', { timeout: 600_000 }, () => {
  it('plans, is killed, goes on with two processes, and collects', async () => {
    expect(await ltml('sweep', 'plan', file, '--out', sweep)).toMatchObject({ code: 0, stderr: '' });
    expect((await ltml('sweep', 'status', sweep)).stdout).toContain('4 runs: 0 done, 0 running, 0 stopped, 4 waiting');
    const first = run('--all', '--jobs', '1');
    let text = '';
    first.stderr?.on('data', (chunk) => {
      text += String(chunk);
      if (/run 0: .*: done/.test(text)) first.kill('SIGKILL');
    });
    await once(first, 'exit');
    const { code, stdout } = await ltml('sweep', 'status', sweep, '--json');
    expect(code).toBe(0);
    const states = (JSON.parse(stdout) as { state: string }[]).map(({ state }) => state);
    expect(states.filter((state) => state === 'done').length, text).toBeGreaterThanOrEqual(1);
    expect(states).not.toContain('running');
    // Two that work side by side on the same folder.
    const both = [run('--all', '--jobs', '1'), run('--index', '3')];
    const codes = await Promise.all(both.map((child) => once(child, 'exit')));
    expect(codes[0][0]).toBeLessThanOrEqual(1);
    const { code: last, stderr } = await ltml(
      'sweep',
      'run',
      sweep,
      '--index',
      '0-3',
      '--jobs',
      '2',
      '--backend',
      'wasm',
    );
    expect(last, stderr).toBe(0);
    expect(stderr).toContain('already done');
    const csv = join(folder, 'runs.csv');
    const table = await ltml('sweep', 'collect', sweep, '--out', csv);
    expect(table.stdout).toMatch(/loss +seeds +mAP\.total/);
    const lines = readFileSync(csv, 'utf8').trim().split('\n');
    expect(lines).toHaveLength(5);
    expect(lines[0]).toContain('id,loss,seed,mAP.total');
    expect(readdirSync(join(sweep, 'runs'))).toHaveLength(4);
  });

  it('says in a sentence what is wrong', async () => {
    expect(await ltml('sweep', 'run', sweep)).toMatchObject({
      code: 2,
      stderr: 'ltml: sweep run: give --index or --all\n',
    });
    expect((await ltml('sweep', 'run', sweep, '--index', '9')).stderr).toMatch(/--index 9: .* has 4 runs\n$/);
    expect((await ltml('sweep', 'status', folder)).stderr).toMatch(/has no manifest\.jsonl/);
    expect((await ltml('sweep', 'status', join(folder, 'nowhere'))).stderr).toMatch(
      /nowhere: no such file or folder\n$/,
    );
    const typo = join(folder, 'typo.yaml');
    writeFileSync(typo, JSON.stringify({ recipe, grid: { batchsize: [1] } }));
    const { code, stderr } = await ltml('sweep', 'plan', typo, '--out', join(folder, 'none'));
    expect(code).toBe(2);
    expect(stderr).toContain(`${typo}: batchsize: unknown "batchsize" (batchSize?)`);
    expect(existsSync(join(folder, 'none'))).toBe(false);
    const empty = join(folder, 'empty');
    await ltml('sweep', 'plan', file, '--out', empty);
    expect(await ltml('sweep', 'collect', empty)).toMatchObject({
      code: 2,
      stderr: `ltml: ${empty}: no run has finished\n`,
    });
  });

  it('ends with 42 where a run will never work', async () => {
    const wrong = join(folder, 'wrong');
    const own = join(folder, 'own.yaml');
    writeFileSync(own, 'loss: { name: focal }\n');
    writeFileSync(join(folder, 'wrong.yaml'), 'recipe: own.yaml\n');
    await ltml('sweep', 'plan', join(folder, 'wrong.yaml'), '--out', wrong);
    writeFileSync(own, 'loss: { name: focal }\nsteps: 3\n');
    const { code, stderr } = await ltml('sweep', 'run', wrong, '--all', '--jobs', '2');
    expect(stderr).toMatch(/failed for good: .*own\.yaml: has changed since the sweep was planned/);
    expect(code).toBe(42);
  });
});

describe.skipIf(process.platform === 'win32')('a sweep that prunes', { timeout: 300_000 }, () => {
  it('stops runs that fall behind, in this process and in others, and says so', async () => {
    const [own, out] = [join(folder, 'pruning.yaml'), join(folder, 'pruning')];
    const set = { ...small, batchSize: 8, 'method.options.epochs': 8, 'evaluation.select': { metric: 'mAP' } };
    // The last three can learn nothing.
    const grid = { 'method.options.optimizer.learningRate': [0.1, 1e-7, 2e-7, 3e-7] };
    writeFileSync(own, JSON.stringify({ recipe, set, grid, prune: { rule: 'asha', factor: 2 } }));
    await ltml('sweep', 'plan', own, '--out', out);
    const alone = await ltml('sweep', 'run', out, '--index', '0-1', '--jobs', '1', '--backend', 'wasm');
    expect(alone.code, alone.stderr).toBe(0);
    expect(alone.stderr).toMatch(/run 1: .*: pruned: mAP 0\.\d{4} after 1 epoch, but 0\.\d{4} was needed\n/);
    const both = await ltml('sweep', 'run', out, '--all', '--jobs', '2', '--backend', 'wasm');
    expect(both.code, both.stderr).toBe(0);
    expect(both.stderr).toMatch(/run 1: .*: already pruned\n/);
    expect(both.stderr.match(/: pruned: mAP/g)).toHaveLength(2);
    const status = await ltml('sweep', 'status', out);
    expect(status.stdout).toContain('4 runs: 1 done, 0 running, 0 stopped, 0 waiting, 3 pruned, 0 failed');
    const csv = join(folder, 'pruning.csv');
    const table = await ltml('sweep', 'collect', out, '--out', csv);
    expect(table.stdout).toContain(`1 of 4 runs; 3 pruned, in ${csv}`);
    expect(readFileSync(csv, 'utf8').split('\n')[2]).toMatch(/^[0-9a-f]{16},1e-7,1,1,,/);
  });
});

describe.skipIf(process.platform === 'win32')('the script of a Slurm array', () => {
  const options = { folder: '/data/my sweep', runs: 7, pack: 3, parallel: 2, sbatch: ['--time=1:00:00'] };

  /** Runs the script as one task, with a stand-in for ltml. */
  function runTask(command: string, environment: Record<string, string>): { code: number | null; said: string } {
    const place = join(folder, 'slurm');
    mkdirSync(place, { recursive: true });
    writeFileSync(join(place, 'ltml.sh'), `#!/bin/bash\necho "$@"\n${command}\n`);
    writeFileSync(join(place, 'scontrol'), '#!/bin/bash\necho "scontrol $@"\n');
    for (const name of ['ltml.sh', 'scontrol']) chmodSync(join(place, name), 0o755);
    const script = join(place, 'task.sh');
    writeFileSync(script, slurmScript({ ...options, command: `'${join(place, 'ltml.sh')}'` }));
    const path = `${place}${delimiter}${process.env.PATH}`;
    const task = { SLURM_ARRAY_JOB_ID: '9', SLURM_ARRAY_TASK_ID: '1', ...environment };
    const { status, stdout } = spawnSync('bash', [script], {
      timeout: 60_000,
      encoding: 'utf8',
      env: { ...process.env, ...task, PATH: path },
    });
    return { code: status, said: stdout };
  }

  it('has a task for each pack of runs, and the options that were given', () => {
    const script = slurmScript({ ...options, command: 'npx ltml' });
    expect(script).toContain('#SBATCH --array=0-2%2\n');
    expect(script).toContain('#SBATCH --time=1:00:00\n');
    expect(script).toContain("npx ltml sweep run '/data/my sweep' --index");
    expect(() => slurmScript({ ...options, command: 'ltml', sbatch: ['--a\nrm'] })).toThrow('should be one option');
  });

  it('quotes the folder in the line that names the log', () => {
    const script = (folder: string): string => slurmScript({ ...options, folder, command: 'ltml' });
    expect(script(`/data/my "#1's" 5%`)).toContain(`#SBATCH --output="/data/my \\"#1's\\" 5%%/slurm-%A_%a.log"\n`);
    expect(() => script('/data/a\nb')).toThrow('has a line break');
  });

  it('does its runs, and is queued again where that may help', () => {
    const done = runTask('exit 0', {});
    expect(done).toEqual({ code: 0, said: 'sweep run /data/my sweep --index 3-5 --jobs 1\n' });
    expect(runTask('exit 42', {})).toMatchObject({ code: 42, said: expect.not.stringContaining('scontrol') });
    expect(runTask('exit 1', {})).toMatchObject({ code: 1, said: expect.stringContaining('scontrol requeue 9_1') });
    expect(runTask('exit 1', { SLURM_RESTART_COUNT: '20' }).said).not.toContain('scontrol');
  });

  it('passes the warning before the time limit on, waits for the checkpoint, and is queued again', () => {
    // The stand-in warns its parent, as Slurm does, and ends in good order when it is told to.
    const command = `trap 'echo checkpoint; exit 1' TERM; kill -USR1 $PPID; while true; do sleep 0.05; done`;
    const { said } = runTask(command, {});
    expect(said).toMatch(/checkpoint\nscontrol requeue 9_1\n$/);
  });

  it('is written where no Slurm is, and told so', async () => {
    const planned = join(folder, 'planned');
    await ltml('sweep', 'plan', file, '--out', planned);
    const dry = await ltml('sweep', 'submit', planned, '--to', 'slurm', '--dry-run');
    expect(dry).toMatchObject({ code: 0, stdout: `wrote ${join(planned, 'slurm.sh')}\n` });
    expect(existsSync(join(planned, 'slurm.sh'))).toBe(true);
  });
});

it('a Kubernetes job has an index for each pack, gives up where a run will never work, and expands to its runs', () => {
  const job = indexedJob({ folder: '/data/sweep', runs: 7, pack: 3, command: 'npx ltml', image: 'ltml:1', claim: 'c' });
  expect(job).toMatchObject({
    apiVersion: 'batch/v1',
    kind: 'Job',
    spec: {
      completionMode: 'Indexed',
      completions: 3,
      parallelism: 3,
      podReplacementPolicy: 'Failed',
      podFailurePolicy: {
        rules: [
          { action: 'FailIndex', onExitCodes: { operator: 'In', values: [42] } },
          { action: 'Ignore', onPodConditions: [{ type: 'DisruptionTarget', status: 'True' }] },
        ],
      },
      template: { spec: { restartPolicy: 'Never' } },
    },
  });
  // The schema that is published with Kubernetes.
  const validate = (changed: object): void =>
    new Job({ ...job, ...changed } as ConstructorParameters<typeof Job>[0]).validate();
  validate({});
  expect(() => validate({ spec: { ...(job as { spec: object }).spec, completions: '3' } })).toThrow('must be integer');
  expect(() => validate({ spec: { ...(job as { spec: object }).spec, completionMode: 'indexed' } })).toThrow(
    'allowed values',
  );
  const { command } = (job as { spec: { template: { spec: { containers: { command: string[] }[] } } } }).spec.template
    .spec.containers[0];
  const env = { ...process.env, JOB_COMPLETION_INDEX: '2', PACK: '3', SWEEP: '/data/sweep', LTML: 'echo ltml' };
  const { stdout } = spawnSync(command[0], command.slice(1), { encoding: 'utf8', env });
  expect(stdout).toBe('ltml sweep run /data/sweep --index 6-8 --jobs 1\n');
});
