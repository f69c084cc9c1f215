import type { Command } from 'commander';
import { collect, positiveInteger } from '../option-parsers.ts';
import type { SheetOptions } from '../run/data-sheet.ts';

/** @param data the command group */
export function registerDataSheet(data: Command): void {
  data
    .command('sheet')
    .description('write a contact sheet: pictures of a data set with their labels, on one page')
    .argument('<recipe>', 'YAML or JSON file')
    .requiredOption('--out <file>', 'HTML page')
    .option('--split <name>', 'train, validation or test', 'train')
    .option('--count <n>', 'number of pictures, evenly spaced over the split', positiveInteger, 24)
    .option('--augment', 'also show augmented pictures: beside each picture, step by step, and mixed')
    .option('--set <key=value>', 'change an entry; may be repeated', collect, [])
    .addHelpText(
      'after',
      '\nExamples:\n  ltml data sheet own.yaml --out sheet.html\n  ltml data sheet own.yaml --augment --out sheet.html',
    )
    .action(async (file: string, options: SheetOptions) => {
      const { writeSheet } = await import('../run/data-sheet.ts');
      await writeSheet(file, options);
    });
}
