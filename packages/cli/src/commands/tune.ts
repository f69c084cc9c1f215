import { UsageError } from '@ltml/recipes/usage-error';
import { type Command, Option } from 'commander';
import { backendOption, featuresOption } from '../option-parsers.ts';
import type { RuleName, TuneOptions } from '../run/tune.ts';

const rules: readonly RuleName[] = ['per-class', 'one', 'precision', 'mcut'];

export function registerTune(program: Command): void {
  program
    .command('tune')
    .description('choose thresholds and a temperature for a trained model, on its validation images')
    .argument('<run>', 'folder that `ltml train` wrote')
    .addOption(
      new Option('--thresholds <rule>', 'rule that decides which classes are present, see below')
        .choices(rules)
        .default('per-class'),
    )
    .option(
      '--precision <p>',
      'with --thresholds precision: the precision each class should reach, in (0, 1]',
      fraction,
    )
    .option('--plot <file>', 'file for the reliability diagram (default: reliability.svg in the run folder)')
    .addOption(featuresOption())
    .addOption(backendOption())
    .option('--json', 'print what was chosen as JSON')
    .addHelpText(
      'after',
      `
Rules:
  per-class   one threshold per class, with the largest F1 of the class
  one         one threshold for all classes, with the largest F1 over all labels
  precision   one threshold per class, with the largest recall at a precision of at least 0.9, or --precision
  mcut        for each image the largest gap between its sorted scores; nothing is chosen beforehand

The choice is stored in the model (model/model.json). \`ltml eval\` and \`ltml predict\` use it from then on. Test
images are not used. A class without positive validation images takes the one threshold for all classes.

Examples:
  ltml tune runs/bce
  ltml tune runs/bce --thresholds precision --precision 0.95`,
    )
    .action(async (run: string, options: TuneOptions) => {
      if (options.precision !== undefined && options.thresholds !== 'precision') {
        throw new UsageError('--precision: is for --thresholds precision');
      }
      const { tuneRun } = await import('../run/tune.ts');
      await tuneRun(run, options);
    });
}

function fraction(text: string): number {
  const value = Number(text);
  if (value > 0 && value <= 1) return value;
  throw new UsageError(`--precision: should be a fraction in (0, 1], not "${text}"`);
}
