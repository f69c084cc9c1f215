import type { Command } from 'commander';
import { collect } from '../option-parsers.ts';
import type { RowsOptions } from '../run/data-rows.ts';

/** @param data the command group */
export function registerDataRows(data: Command): void {
  data
    .command('rows')
    .description('print the images of a data set with their labels: one line of JSON each')
    .argument('<what>', 'a recipe, or a layout: folder, table, coco-json')
    .argument('[directory]', 'with a layout: the folder of the data')
    .option('--split <name>', 'only the images of this split')
    .option('--set <key=value>', 'an option of the layout, or an entry of the recipe; may be repeated', collect, [])
    .option('--classes', 'print the class names instead, in their order')
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
