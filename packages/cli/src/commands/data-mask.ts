import type { Command } from 'commander';
import { collect, wholeNumber } from '../option-parsers.ts';
import type { MaskOptions } from '../run/data-mask.ts';

/** @param data the command group */
export function registerDataMask(data: Command): void {
  data
    .command('mask')
    .description('forget training labels, to try methods for partial labels')
    .argument('<recipe>', 'YAML or JSON file; only its `data` counts')
    .requiredOption('--out <file>', 'CSV that `data: { name: table }` reads')
    .option(
      '--known <share>',
      'keep each label with this probability, by the rule of the published partial labels',
      Number,
    )
    .option('--single-positive', 'keep one present label of each image and nothing else')
    .option('--seed <n>', 'decides what is forgotten', wholeNumber, 0)
    .option('--set <key=value>', 'change an entry; may be repeated', collect, [])
    .addHelpText(
      'after',
      `
Labels of validation and test images stay.

Examples:
  ltml data mask own.yaml --known 0.1 --out photos/known-10.csv
  ltml data mask own.yaml --single-positive --out photos/single.csv`,
    )
    .action(async (file: string, options: MaskOptions) => {
      const { maskData } = await import('../run/data-mask.ts');
      await maskData(file, options);
    });
}
