import type { Command } from 'commander';
import { collect, wholeNumber } from '../option-parsers.ts';
import type { MaskOptions } from '../run/data-mask.ts';

/** @param data the command group */
export function registerDataMask(data: Command): void {
  data
    .command('mask')
    .description('hide training labels (set them to unknown), to try methods for partial labels')
    .argument('<recipe>', 'YAML or JSON file; only its `data` is used')
    .requiredOption('--out <file>', 'CSV file, for `data: { name: table }`')
    .option(
      '--known <share>',
      'keep each label with this probability, as the published partial-label splits do',
      Number,
    )
    .option('--single-positive', 'keep one present label of each image, and no other label')
    .option('--seed <n>', 'seed of the choice', wholeNumber, 0)
    .option('--set <key=value>', 'change an entry; may be repeated', collect, [])
    .addHelpText(
      'after',
      `
Labels of validation and test images stay as they are.

Examples:
  ltml data mask own.yaml --known 0.1 --out photos/known-10.csv
  ltml data mask own.yaml --single-positive --out photos/single.csv`,
    )
    .action(async (file: string, options: MaskOptions) => {
      const { maskData } = await import('../run/data-mask.ts');
      await maskData(file, options);
    });
}
