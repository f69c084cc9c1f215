import type { Command } from 'commander';
import { collect, positiveInteger, wholeNumber } from '../option-parsers.ts';
import type { SplitOptions } from '../run/data-split.ts';

/** @param data the command group */
export function registerDataSplit(data: Command): void {
  data
    .command('split')
    .description('divide the images of a data set into splits or folds; each class keeps its share')
    .argument('<recipe>', 'YAML or JSON file; only its `data` is used')
    .requiredOption('--out <file>', 'CSV file, for `data: { name: table }`; with --folds one file for each fold')
    .option('--test <share>', 'share of the images for the test split, e.g. 0.2', Number, 0)
    .option('--validation <share>', 'share of the images for the validation split', Number, 0)
    .option('--folds <k>', 'write k tables instead of one; table i has fold i as its validation split', positiveInteger)
    .option('--seed <n>', 'seed of the division', wholeNumber, 0)
    .option('--set <key=value>', 'change an entry; may be repeated', collect, [])
    .addHelpText(
      'after',
      `
All images are divided anew, whatever split they have now. If the file exists already, its images keep their splits
and only new images are divided. So splits stay the same when you add pictures.

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
