import type { Command } from 'commander';
import { backendOption, positiveInteger } from '../option-parsers.ts';
import type { PredictOptions } from '../run/predict.ts';

export function registerPredict(program: Command): void {
  program
    .command('predict')
    .description('print the classes that the learner of a run sees in pictures')
    .argument('<run>', 'folder that `ltml train` wrote')
    .argument('<image...>', 'pictures, or folders of them')
    .option('--top <count>', 'classes printed of each picture, the likeliest first', positiveInteger, 5)
    .option('--best', 'the weights that were selected, not the last ones')
    .option('--skip-broken', 'go on after a picture that cannot be read, and count it')
    .addOption(backendOption())
    .option('--json', 'print a line of JSON for each picture')
    .addHelpText(
      'after',
      `
Scores are the learner's: logits for the classifier, higher is likelier.

Examples:
  ltml predict runs/bce scene.png
  ltml predict runs/bce photos/ --json --skip-broken > predictions.jsonl`,
    )
    .action(async (run: string, images: string[], options: PredictOptions) => {
      const { predict } = await import('../run/predict.ts');
      await predict(run, images, options);
    });
}
