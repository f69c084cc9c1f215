import type { Command } from 'commander';
import { backendOption, positiveInteger } from '../option-parsers.ts';
import type { RunSweepOptions } from '../run/sweep/run.ts';

/** @param sweep the command group */
export function registerSweepRun(sweep: Command): void {
  sweep
    .command('run')
    .description('start or continue runs of a sweep')
    .argument('<dir>', 'folder of the sweep')
    .option('--index <i>', 'only the run with this number (from 0), or a range: 0-9')
    .option('--all', 'all runs that are left')
    .option(
      '--jobs <n>',
      'runs at a time, each in its own process (default: as many as cores and memory allow)',
      positiveInteger,
    )
    .option('--retry', 'also try runs again that failed for good')
    .addOption(backendOption())
    .addHelpText(
      'after',
      `
Several processes may work on one sweep, also on several machines that share the folder: no run is done twice. If the
process of a run died, the run continues from its checkpoint: at once on the same machine, after ten minutes on
another one.

Exit codes: 0 done; 42 the runs that are left can't work (wrong recipe, or too many failures); 1 try again.

Examples:
  ltml sweep run runs/sweep --all --jobs 4
  ltml sweep run runs/sweep --index 7`,
    )
    .action(async (folder: string, options: RunSweepOptions) => {
      const { runSweep } = await import('../run/sweep/run.ts');
      await runSweep(folder, options);
    });
}
