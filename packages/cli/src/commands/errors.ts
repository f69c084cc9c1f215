import { type Command, Option } from 'commander';
import { backendOption, featuresOption, positiveInteger } from '../option-parsers.ts';
import type { ErrorsOptions } from '../run/errors.ts';

export function registerErrors(program: Command): void {
  program
    .command('errors')
    .description('find likely label errors and near duplicates among images that the model was not trained on')
    .argument('<run>', 'folder that `ltml train` wrote')
    .addOption(
      new Option('--split <name>', 'the images to look at').choices(['validation', 'test', 'both']).default('both'),
    )
    .option('--top <count>', 'number of likely label errors to print, the likeliest first', positiveInteger, 20)
    .option('--out <dir>', 'write issues.csv, duplicates.csv and labels.csv into this folder')
    .addOption(featuresOption())
    .addOption(backendOption())
    .option('--json', 'print everything as JSON')
    .addHelpText(
      'after',
      `
A label is a likely error if the model is confident of the opposite, judged class by class (confident learning). Look
at the pictures before you change a label. A model repeats the labels that it was trained on. To check training
images, train on one part of them and give the others as validation images.

labels.csv has the labels of all images, with each likely error set to unknown (?). Put it beside the pictures;
\`data: { name: table, file: labels.csv }\` reads it.

Examples:
  ltml errors runs/mine
  ltml errors runs/mine --split validation --out errors`,
    )
    .action(async (run: string, options: ErrorsOptions) => {
      const { findErrors } = await import('../run/errors.ts');
      await findErrors(run, options);
    });
}
