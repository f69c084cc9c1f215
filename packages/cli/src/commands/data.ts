import { Argument, type Command } from 'commander';
import { positiveInteger } from '../option-parsers.ts';
import type { CheckDataOptions, CheckedSet } from '../run/check-data.ts';

const sets: readonly CheckedSet[] = ['nus-wide', 'open-images'];

export function registerData(program: Command): void {
  const data = program.command('data').description('data sets in the layout their authors publish');
  data
    .command('check')
    .description('tell what a data set in a folder lacks, and whether counts and class order are the published ones')
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
    .description('write test scenes of the embedded data set digits-lt as PNG, to try predict on')
    .argument('<directory>', 'folder for them; made if it is not there')
    .option('--count <n>', 'scenes', positiveInteger, 10)
    .addHelpText(
      'after',
      '\nExample:\n  ltml data scenes photos\n  ltml predict photos --labels "red three, green seven"',
    )
    .action(async (directory: string, { count }: { count: number }) => {
      const { writeScenes } = await import('../run/scenes.ts');
      await writeScenes(directory, count);
    });
}
