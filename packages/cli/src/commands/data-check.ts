import type { Command } from 'commander';
import { collect } from '../option-parsers.ts';
import type { CheckCommandOptions } from '../run/check-data.ts';

/** @param data the command group */
export function registerDataCheck(data: Command): void {
  data
    .command('check')
    .description('check every picture and label of a data set, and report what is wrong')
    .argument('<what>', 'a folder of pictures, a recipe, or the name of a published data set (see ltml data list)')
    .argument('[directory]', 'for a published data set: its folder')
    .option('--out <dir>', 'folder for the page and the facts about each picture (default: runs/check-<name>)')
    .option('--table <file>', 'write a CSV of all readable pictures, for `data: { name: table }`')
    .option(
      '--set <key=value>',
      'change an entry of the recipe, or an option of the published data set; may be repeated',
      collect,
      [],
    )
    .option('--with <set=dir>', 'also look for pictures that another published data set has, too, e.g. coco17=coco')
    .option('--json', 'print the findings as JSON')
    .addHelpText(
      'after',
      `
Every picture is decoded once. If a check was stopped, the same command continues it. A picture that changed is
checked again. Exit code 1 means errors: broken pictures, the same picture in two splits or with two labels, wrong
lists.

For a published data set no picture is opened: its lists, counts and class order are compared with the published ones.
Archives and lists that are still in the folder are compared with the published checksums.

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
