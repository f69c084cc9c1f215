import type { Command } from 'commander';
import { collect } from '../option-parsers.ts';
import type { CheckCommandOptions } from '../run/check-data.ts';

/** @param data the command group */
export function registerDataCheck(data: Command): void {
  data
    .command('check')
    .description('look at every picture and label of a data set, and say what is wrong with them')
    .argument('<what>', 'a folder of pictures, a recipe, or a published data set by its name (ltml data list)')
    .argument('[directory]', 'of a published data set: the folder it is in')
    .option('--out <dir>', 'where the page and what is found of each picture go (default: runs/check-<name>)')
    .option('--table <file>', 'write the pictures that can be read as a CSV that `data: { name: table }` reads')
    .option(
      '--set <key=value>',
      'change an entry of the recipe, or an option of the data set; may be repeated',
      collect,
      [],
    )
    .option('--with <set=dir>', 'another published data set that may have the same pictures, e.g. coco17=coco')
    .option('--json', 'print the findings as JSON')
    .addHelpText(
      'after',
      `
Every picture is decoded once. A check that was ended goes on where it was; a picture that changed is looked at again.
Exit code 1 on errors: broken pictures, the same picture in two splits or with two labels, wrong lists.
Of a published data set no picture is opened: its lists, counts and class order are compared with the published ones, and
the checksums of those archives and lists that are still there.

Examples:
  ltml data check photos/
  ltml data check own.yaml --json
  ltml data check own.yaml --table photos/clean.csv
  ltml data check nus-wide ~/NUS-WIDE
  ltml data check voc07 ~/voc --set difficult=positive
  ltml data check coco14 ~/coco --with coco17=~/coco`,
    )
    .action(async (what: string, directory: string | undefined, options: CheckCommandOptions) => {
      const { check } = await import('../run/check-data.ts');
      await check(what, directory, options);
    });
}
