import type { Command } from 'commander';
import type { CollectSweepOptions } from '../run/sweep/collect.ts';

/** @param sweep the command group */
export function registerSweepCollect(sweep: Command): void {
  sweep
    .command('collect')
    .description('print the results of a sweep as a table: mean and standard deviation over seeds')
    .argument('<dir>', 'folder of the sweep')
    .option('--out <file>', 'CSV file with one line per run')
    .option(
      '--report <file>',
      'HTML page: parallel coordinates, importance of the settings, points with paired intervals',
    )
    .option('--json', 'print the points as JSON')
    .addHelpText(
      'after',
      `
Choose settings by validation measures. A setting that was chosen by its test score says little about new images.

Examples:
  ltml sweep collect runs/sweep --out sweep.csv --report sweep.html`,
    )
    .action(async (folder: string, options: CollectSweepOptions) => {
      const { collect } = await import('../run/sweep/collect.ts');
      await collect(folder, options);
    });
}
