import { Argument, type Command } from 'commander';
import type { CheckDataOptions, CheckedSet } from '../run/check-data.ts';

const sets: readonly CheckedSet[] = ['nus-wide', 'open-images'];

/** @param data the command group */
export function registerDataCheck(data: Command): void {
  data
    .command('check')
    .description('check a data set in a folder: missing files, counts, order of classes')
    .addArgument(new Argument('<set>', 'the data set').choices(sets))
    .argument('<directory>', 'the folder it is in')
    .option('--json', 'print the findings as JSON')
    .addHelpText(
      'after',
      '\nExit code 1 if anything is missing or differs.\n\nExamples:\n  ltml data check nus-wide ~/NUS-WIDE\n  ltml data check open-images ~/open-images --json',
    )
    .action(async (set: CheckedSet, directory: string, options: CheckDataOptions) => {
      const { checkData } = await import('../run/check-data.ts');
      await checkData(set, directory, options);
    });
}
