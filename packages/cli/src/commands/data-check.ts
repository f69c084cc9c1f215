import type { Command } from 'commander';
import { collect } from '../option-parsers.ts';
import type { CheckCommandOptions } from '../run/check-data.ts';

/** @param data the command group */
export function registerDataCheck(data: Command): void {
  data
    .command('check')
    .description('look at every picture and label of a data set, and say what is wrong with them')
    .argument('<what>', 'a folder of pictures, or a recipe; nus-wide or open-images for the lists of these sets')
    .argument('[directory]', 'with nus-wide or open-images: the folder it is in')
    .option('--out <dir>', 'where the page and what is found of each picture go (default: runs/check-<name>)')
    .option('--table <file>', 'write the pictures that can be read as a CSV that `data: { name: table }` reads')
    .option('--set <key=value>', 'change an entry of the recipe; may be repeated', collect, [])
    .option('--json', 'print the findings as JSON')
    .addHelpText(
      'after',
      `
Every picture is decoded once. A check that was ended goes on where it was; a picture that changed is looked at again.
Exit code 1 on errors: broken pictures, the same picture in two splits or with two labels, wrong lists.

Examples:
  ltml data check photos/
  ltml data check own.yaml --json
  ltml data check own.yaml --table photos/clean.csv
  ltml data check nus-wide ~/NUS-WIDE`,
    )
    .action(async (what: string, directory: string | undefined, options: CheckCommandOptions) => {
      const { check } = await import('../run/check-data.ts');
      await check(what, directory, options);
    });
}
