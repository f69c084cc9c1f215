import { spawnSync } from 'node:child_process';
import { join, resolve } from 'node:path';
import { type Manifest, readManifest } from '@ltml/recipes/node';
import { UsageError } from '@ltml/recipes/usage-error';
import { writeFileAtomically } from '@ltml/tensor/node';
import { printLines } from '../../terminal.ts';
import { indexedJob } from './kubernetes.ts';
import { slurmScript } from './slurm.ts';

/** Options of `ltml sweep submit`. */
export interface SubmitSweepOptions {
  readonly to: 'slurm' | 'kubernetes';
  readonly pack: number;
  readonly parallel?: number;
  readonly command: string;
  readonly sbatch: readonly string[];
  readonly image?: string;
  readonly claim: string;
  readonly dryRun?: boolean;
}

/** Writes the script or manifest for a scheduler, and submits it. */
export async function submitSweep(folder: string, options: SubmitSweepOptions): Promise<void> {
  const sweep = readManifest(folder);
  if (options.to === 'slurm') await submitToSlurm(sweep, options);
  else await submitToKubernetes(sweep, options);
}

async function submitToSlurm({ folder, runs }: Manifest, options: SubmitSweepOptions): Promise<void> {
  const { pack, parallel, command, sbatch, dryRun } = options;
  const file = join(folder, 'slurm.sh');
  const script = slurmScript({ folder: resolve(folder), runs: runs.length, pack, parallel, command, sbatch });
  await writeFileAtomically(file, [script]);
  const tasks = Math.ceil(runs.length / pack);
  if (!dryRun) {
    const most = mostTasks();
    if (tasks > most) {
      const enough = Math.ceil(runs.length / most);
      throw new UsageError(
        `--pack ${pack}: this cluster allows ${most} tasks in an array, not ${tasks}: take --pack ${enough}`,
      );
    }
  }
  await handOver(file, dryRun ? undefined : ['sbatch', file]);
}

/** MaxArraySize of the cluster; Slurm's default if it is not known. */
function mostTasks(): number {
  const { stdout } = spawnSync('scontrol', ['show', 'config'], { encoding: 'utf8' });
  return Number(/MaxArraySize\s*=\s*(\d+)/.exec(stdout ?? '')?.[1] ?? 1001);
}

async function submitToKubernetes({ folder, runs }: Manifest, options: SubmitSweepOptions): Promise<void> {
  const { pack, parallel, command, image, claim, dryRun } = options;
  if (image === undefined) throw new UsageError('--image: needed for kubernetes: a container image that contains ltml');
  const file = join(folder, 'job.json');
  const job = indexedJob({ folder: resolve(folder), runs: runs.length, pack, parallel, command, image, claim });
  await writeFileAtomically(file, [`${JSON.stringify(job, null, 2)}\n`]);
  await handOver(file, dryRun ? undefined : ['kubectl', 'create', '-f', file]);
}

/** @param command of the scheduler; left out: the file is only written */
async function handOver(file: string, command: readonly [string, ...string[]] | undefined): Promise<void> {
  await printLines(`wrote ${file}`);
  if (!command) return;
  const [program, ...args] = command;
  const { error, status, stdout, stderr } = spawnSync(program, args, { encoding: 'utf8' });
  if (error) throw new UsageError(`${program} is not on this machine; submit ${file} on a machine that has it`);
  if (status !== 0) throw new UsageError(`${program}: ${stderr.trim().split('\n')[0]}`);
  await printLines(stdout.trim());
}
