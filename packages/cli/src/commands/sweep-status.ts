import type { Command } from 'commander';
import type { SweepStatusOptions } from '../run/sweep/status.ts';

/** @param sweep the command group */
export function registerSweepStatus(sweep: Command): void {
  sweep
    .command('status')
    .description('count the runs of a sweep that are done, running, stopped, waiting, pruned or failed (and say why)')
    .argument('<dir>', 'folder of the sweep')
    .option('--json', 'print the state of every run as JSON')
    .action(async (folder: string, options: SweepStatusOptions) => {
      const { sweepStatus } = await import('../run/sweep/status.ts');
      await sweepStatus(folder, options);
    });
}
