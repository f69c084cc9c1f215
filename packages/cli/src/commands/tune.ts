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
      new Option('--thresholds <rule>', 'how classes become labels, see below').choices(rules).default('per-class'),
    )
    .option('--precision <p>', 'with --thresholds precision: what each class should reach, in (0, 1]', fraction)
    .option('--plot <file>', 'where the reliability diagram goes (default: reliability.svg in the run folder)')
    .addOption(featuresOption())
    .addOption(backendOption())
    .option('--json', 'print what was chosen as JSON')
    .addHelpText(
      'after',
      `
Rules:
  per-class   for each class the threshold of its largest F1
  one         one threshold for all classes, of the largest F1 over all labels
  precision   for each class the threshold of the largest recall that keeps a precision, 0.9 unless --precision says more
  mcut        the largest gap between the scores of each image; nothing is chosen beforehand

The choice goes into the model (model/model.json). \`ltml eval\` and \`ltml predict\` use it from then on. Test images are not
looked at. A class without positives among the validation images takes the one threshold for all.

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
