import { Argument, type Command } from 'commander';
import { positiveInteger } from '../option-parsers.ts';
import type { CheckDataOptions, CheckedSet } from '../run/check-data.ts';

const sets: readonly CheckedSet[] = ['nus-wide', 'open-images'];

export function registerData(program: Command): void {
  const data = program.command('data').description('check data sets, write sample pictures');
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
  data
    .command('scenes')
    .description('write test scenes of the embedded data set digits-lt as PNG, to try `predict` with')
    .argument('<directory>', 'folder to write to; it is made if it does not exist')
    .option('--count <n>', 'number of scenes', positiveInteger, 10)
    .addHelpText(
      'after',
      '\nExample:\n  ltml data scenes photos\n  ltml predict photos --labels "red three, green seven"',
    )
    .action(async (directory: string, { count }: { count: number }) => {
      const { writeScenes } = await import('../run/scenes.ts');
      await writeScenes(directory, count);
    });
}
