import { type Command, Option } from 'commander';
import { collect, positiveInteger } from '../option-parsers.ts';
import type { SubmitSweepOptions } from '../run/sweep/submit.ts';

/** @param sweep the command group */
export function registerSweepSubmit(sweep: Command): void {
  sweep
    .command('submit')
    .description('run a sweep on a cluster: a Slurm array or a Kubernetes Indexed Job')
    .argument('<dir>', 'folder of the sweep; all machines of the cluster must see it at this path')
    .addOption(
      new Option('--to <scheduler>', 'scheduler of the cluster').choices(['slurm', 'kubernetes']).makeOptionMandatory(),
    )
    .option('--pack <n>', 'runs per task, one after the other; for short runs', positiveInteger, 1)
    .option('--parallel <n>', 'largest number of tasks at a time', positiveInteger)
    .option('--command <line>', 'command that starts ltml on the cluster', 'npx ltml')
    .option(
      '--sbatch <option>',
      'slurm: an option for sbatch, e.g. --sbatch=--time=2:00:00; may be repeated',
      collect,
      [],
    )
    .option('--image <name>', 'kubernetes: the container image; see docs/sweeps.md')
    .option('--claim <name>', 'kubernetes: the persistent volume claim that holds the folder', 'ltml')
    .option('--dry-run', 'write the script or the manifest, but do not submit it')
    .addHelpText(
      'after',
      `
The script is written into the folder of the sweep. A task that is preempted or told to end stops at a checkpoint and
is queued again. A task whose runs can't work is not queued again.

Examples:
  ltml sweep submit runs/sweep --to slurm --parallel 8 --sbatch=--cpus-per-task=4 --sbatch=--time=4:00:00
  ltml sweep submit /data/sweep --to kubernetes --image registry.example/ltml:0.1 --dry-run`,
    )
    .action(async (folder: string, options: SubmitSweepOptions) => {
      const { submitSweep } = await import('../run/sweep/submit.ts');
      await submitSweep(folder, options);
    });
}
