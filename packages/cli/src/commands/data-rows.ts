import type { Command } from 'commander';
import { collect } from '../option-parsers.ts';
import type { RowsOptions } from '../run/data-rows.ts';

/** @param data the command group */
export function registerDataRows(data: Command): void {
  data
    .command('rows')
    .description('print what is read of a data set: a line of JSON for each image')
    .argument('<what>', 'a recipe, or a kind of layout: folder, table, coco-json')
    .argument('[directory]', 'with a layout: the folder it is in')
    .option('--split <name>', 'the images of one split')
    .option('--set <key=value>', 'an option of the layout, or an entry of the recipe; may be repeated', collect, [])
    .option('--classes', 'print the names of the classes in their order instead')
    .addHelpText(
      'after',
      `
Examples:
  ltml data rows own.yaml --split train
  ltml data rows table photos --set file=labels.csv --split val
  ltml data rows folder photos --classes`,
    )
    .action(async (what: string, directory: string | undefined, options: RowsOptions) => {
      const { printRows } = await import('../run/data-rows.ts');
      await printRows(what, directory, options);
    });
}
