import type { Command } from 'commander';
import { backendOption, collect, positiveInteger, share, wholeNumber } from '../option-parsers.ts';
import type { ListOptions, ReproduceOptions } from '../run/reproduce/options.ts';

export function registerReproduce(program: Command): void {
  program
    .command('reproduce')
    .description('train a row of a published table, and compare the result with the paper')
    .argument('[row]', 'name of a row, or the beginning of several names, e.g. cprfl/voc-lt or sarb/voc07/sarb')
    .option('--list', 'list the rows with data, encoder, weights and published figures; trains nothing')
    .option(
      '--hours',
      'with --list: measure a training step of each kind of row, and estimate the hours on this machine',
    )
    .option('--data <dir>', 'folder of the data set, in its published layout')
    .option('--weights <what>', 'weights of the encoder: a file or hub:owner/name (default: those of the row)')
    .option('--vectors <file>', 'word vectors in the text format of GloVe, for rows that need them')
    .option('--seeds <n>', 'train with seeds 1 to n', positiveInteger, 1)
    .option('--scale <share>', 'rehearse on a share of the images, e.g. 0.02; never reported as the row', share)
    .option(
      '--set <key=value>',
      'change an entry of the recipe; the result no longer counts as the row; may be repeated',
      collect,
      [],
    )
    .option('--out <dir>', 'folder of the runs (default: runs/reproduce)')
    .option('--workers <n>', 'threads that read pictures from files (default: cores - 1)', wholeNumber)
    .addOption(backendOption())
    .option('--json', 'print as JSON')
    .addHelpText(
      'after',
      `
Data and weights are checked first. If a run was stopped, give the same command again to continue.

Examples:
  ltml reproduce --list
  ltml reproduce cprfl/voc-lt --data ~/voc --scale 0.02
  ltml reproduce cprfl/voc-lt --data ~/voc --seeds 3
  ltml reproduce sarb/voc07/sarb --data ~/voc --vectors glove.6B.300d.txt   # nine rows, and their mean`,
    )
    .action(async (row: string | undefined, options: ReproduceOptions & ListOptions) => {
      if (options.list) {
        const { listRows } = await import('../run/reproduce/list.ts');
        return listRows(row, options);
      }
      const { reproduce } = await import('../run/reproduce/reproduce.ts');
      return reproduce(row, options);
    });
}
