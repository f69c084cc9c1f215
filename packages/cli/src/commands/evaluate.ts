import type { Command } from 'commander';
import { backendOption, featuresOption, wholeNumber } from '../option-parsers.ts';
import type { EvalOptions } from '../run/evaluate.ts';

export function registerEval(program: Command): void {
  program
    .command('eval')
    .description('report how well a trained model does on its test images')
    .argument('<run>', 'folder that `ltml train` wrote, or a model of one')
    .option('--data <recipe>', 'score the test images of the data set in this recipe, whose classes the model knows')
    .option('--out <dir>', 'write tables (CSV) and a page (index.html) into this folder')
    .option('--pictures <n>', 'pictures on the page of each class: wrongly seen, and missed (default: 5)', wholeNumber)
    .option('--best', 'take the best weights so far of a run that has not finished (a finished run has its own choice)')
    .addOption(featuresOption())
    .addOption(backendOption())
    .option('--json', 'print the report as JSON')
    .addHelpText(
      'after',
      `
The report has mAP, OP, OR, OF1, CP, CR and CF1 of all classes and of head, medium and tail; for each class its positives, AP,
precision, recall and F1 at its threshold; the calibration error; errors that occur together. The page adds the pictures that
the model is most wrong about, and where it looked if it attends by class.

Examples:
  ltml eval runs/bce
  ltml eval runs/bce --out reports/bce
  ltml eval runs/bce --data other.yaml --json`,
    )
    .action(async (run: string, options: EvalOptions) => {
      const { evaluateRun } = await import('../run/evaluate.ts');
      await evaluateRun(run, options);
    });
}
