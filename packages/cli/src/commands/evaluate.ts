import type { Command } from 'commander';
import { backendOption, featuresOption, wholeNumber } from '../option-parsers.ts';
import type { EvalOptions } from '../run/evaluate.ts';

export function registerEval(program: Command): void {
  program
    .command('eval')
    .description('measure how well a trained model does on its test images')
    .argument('<run>', 'folder that `ltml train` wrote, or its model folder')
    .option(
      '--data <recipe>',
      'score the test images of the data set in this recipe instead; the model must know its classes',
    )
    .option('--out <dir>', 'write tables (CSV) and a page (index.html) into this folder')
    .option(
      '--pictures <n>',
      'pictures of each class on the page: false positives, and as many missed (default: 5)',
      wholeNumber,
    )
    .option(
      '--best',
      'use the best weights so far, for a run that has not finished (a finished run has its own choice)',
    )
    .addOption(featuresOption())
    .addOption(backendOption())
    .option('--json', 'print the report as JSON')
    .addHelpText(
      'after',
      `
The report has mAP, OP, OR, OF1, CP, CR and CF1 of all classes and of head, medium and tail. For each class it has
positives, AP, and precision, recall and F1 at the threshold. It also has the calibration error, and errors that occur
together. The page adds the pictures with the largest errors, and where the model looked, if it attends by class.

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
