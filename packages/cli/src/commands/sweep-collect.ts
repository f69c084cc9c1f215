import type { Command } from 'commander';
import type { CollectSweepOptions } from '../run/sweep/collect.ts';

/** @param sweep the command group */
export function registerSweepCollect(sweep: Command): void {
  sweep
    .command('collect')
    .description('put the results of a sweep into a table: mean and standard deviation over seeds')
    .argument('<dir>', 'folder of the sweep')
    .option('--out <file>', 'CSV, a line a run')
    .option('--report <file>', 'page (HTML): parallel coordinates, what matters, points with paired intervals')
    .option('--json', 'print the points as JSON')
    .addHelpText(
      'after',
      `
Choose settings by measures of validation images: one that was chosen by its test score says little of new images.

Examples:
  ltml sweep collect runs/sweep --out sweep.csv --report sweep.html`,
    )
    .action(async (folder: string, options: CollectSweepOptions) => {
      const { collect } = await import('../run/sweep/collect.ts');
      await collect(folder, options);
    });
}
