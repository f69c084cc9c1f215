import type { Command } from 'commander';
import { collect, positiveInteger, wholeNumber } from '../option-parsers.ts';
import type { SplitOptions } from '../run/data-split.ts';

/** @param data the command group */
export function registerDataSplit(data: Command): void {
  data
    .command('split')
    .description('deal the images of a data set to splits or folds, so that each class keeps its share')
    .argument('<recipe>', 'YAML or JSON file; only its `data` counts')
    .requiredOption('--out <file>', 'CSV that `data: { name: table }` reads; with --folds, one for each fold')
    .option('--test <share>', 'share of the images for the test, e.g. 0.2', Number, 0)
    .option('--validation <share>', 'share of the images for validation', Number, 0)
    .option('--folds <k>', 'k tables in place of one: fold i is for validation in the i-th', positiveInteger)
    .option('--seed <n>', 'decides what goes where', wholeNumber, 0)
    .option('--set <key=value>', 'change an entry; may be repeated', collect, [])
    .addHelpText(
      'after',
      `
All images are dealt anew, whatever split they have. Where the file is there already, its images keep their splits and only
those that it does not list are dealt: splits are stable when pictures are added.

Examples:
  ltml data split own.yaml --test 0.2 --validation 0.1 --out photos/split.csv
  ltml data split own.yaml --folds 5 --out photos/fold.csv
  ltml train own.yaml --set data.file=split.csv`,
    )
    .action(async (file: string, options: SplitOptions) => {
      const { splitData } = await import('../run/data-split.ts');
      await splitData(file, options);
    });
}
