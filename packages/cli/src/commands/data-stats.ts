import type { Command } from 'commander';
import { collect } from '../option-parsers.ts';
import type { StatsOptions } from '../run/data-stats.ts';

/** @param data the command group */
export function registerDataStats(data: Command): void {
  data
    .command('stats')
    .description('count the labels of a data set: per class, per image, and classes that occur together')
    .argument('<recipe>', 'YAML or JSON file; only its `data` is used')
    .option('--set <key=value>', 'change an entry; may be repeated', collect, [])
    .option('--page <file>', 'write an HTML page with the counts and a chart')
    .option('--json', 'print the counts as JSON')
    .addHelpText('after', '\nExamples:\n  ltml data stats own.yaml\n  ltml data stats own.yaml --page stats.html')
    .action(async (file: string, options: StatsOptions) => {
      const { printStats } = await import('../run/data-stats.ts');
      await printStats(file, options);
    });
}
