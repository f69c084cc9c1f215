import type { Command } from 'commander';
import { backendOption } from '../option-parsers.ts';
import type { EvalOptions } from '../run/evaluate.ts';

export function registerEval(program: Command): void {
  program
    .command('eval')
    .description('compute the scores of a run on its test images')
    .argument('<run>', 'folder that `ltml train` wrote')
    .option('--best', 'take the best weights so far of a run that has not finished (a finished run has its own choice)')
    .addOption(backendOption())
    .option('--json', 'print the scores as JSON')
    .addHelpText('after', '\nExample:\n  ltml eval runs/bce --json')
    .action(async (run: string, options: EvalOptions) => {
      const { evaluateRun } = await import('../run/evaluate.ts');
      await evaluateRun(run, options);
    });
}
