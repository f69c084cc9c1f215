import type { Command } from 'commander';
import { backendOption, positiveInteger } from '../option-parsers.ts';
import type { RunSweepOptions } from '../run/sweep/run.ts';

/** @param sweep the command group */
export function registerSweepRun(sweep: Command): void {
  sweep
    .command('run')
    .description('do runs of a sweep, or go on with them')
    .argument('<dir>', 'folder of the sweep')
    .option('--index <i>', 'the run of this number, from 0, or those of a range: 0-9')
    .option('--all', 'all that are left')
    .option(
      '--jobs <n>',
      'runs at a time, each in a process of its own (default: as cores and memory allow)',
      positiveInteger,
    )
    .option('--retry', 'try those again that failed for good')
    .addOption(backendOption())
    .addHelpText(
      'after',
      `
Any number of processes, on any number of machines that share the folder, may work on a sweep: no run is done twice. A run
whose process died is gone on with from its checkpoint: at once on the same machine, after ten minutes on another.

Exit codes: 0 done; 42 what is left will not work, since its recipe is wrong or it failed too often; 1 try again.

Examples:
  ltml sweep run runs/sweep --all --jobs 4
  ltml sweep run runs/sweep --index 7`,
    )
    .action(async (folder: string, options: RunSweepOptions) => {
      const { runSweep } = await import('../run/sweep/run.ts');
      await runSweep(folder, options);
    });
}
