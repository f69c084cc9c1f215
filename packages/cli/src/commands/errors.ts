import { type Command, Option } from 'commander';
import { backendOption, featuresOption, positiveInteger } from '../option-parsers.ts';
import type { ErrorsOptions } from '../run/errors.ts';

export function registerErrors(program: Command): void {
  program
    .command('errors')
    .description('find labels that are likely wrong, and near duplicates, among images that a model was not trained on')
    .argument('<run>', 'folder that `ltml train` wrote')
    .addOption(
      new Option('--split <name>', 'the images to look at').choices(['validation', 'test', 'both']).default('both'),
    )
    .option('--top <count>', 'likely label errors to print, the likeliest first', positiveInteger, 20)
    .option('--out <dir>', 'write issues.csv, duplicates.csv and labels.csv into this folder')
    .addOption(featuresOption())
    .addOption(backendOption())
    .option('--json', 'print everything as JSON')
    .addHelpText(
      'after',
      `
A label is a likely error where the model is confident of the opposite, for the class by itself (confident learning). Look at
the pictures before you change a label. A model repeats the labels that it was trained on: to look at training images, train
on a part of them and give the others as validation images.

labels.csv has the labels of all images, each likely error as unknown (?). \`data: { name: table, file: labels.csv }\` reads it,
beside the pictures.

Examples:
  ltml errors runs/mine
  ltml errors runs/mine --split validation --out errors`,
    )
    .action(async (run: string, options: ErrorsOptions) => {
      const { findErrors } = await import('../run/errors.ts');
      await findErrors(run, options);
    });
}
