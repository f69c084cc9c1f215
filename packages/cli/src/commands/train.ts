import type { Command } from 'commander';
import { backendOption, collect, wholeNumber } from '../option-parsers.ts';
import type { TrainOptions } from '../run/train.ts';

export function registerTrain(program: Command): void {
  program
    .command('train')
    .description('train a model from a recipe')
    .argument('<recipe>', 'YAML or JSON file')
    .option('--set <key=value>', 'change an entry, e.g. method.options.epochs=5; may be repeated', collect, [])
    .option('--out <dir>', 'run folder (default: runs/<name>)')
    .option('--resume', 'continue the run in the folder, if there is one')
    .option('--same-engine', 'with --resume: refuse a run that was begun on another engine')
    .option('--eager', 'do not compile training steps')
    .option('--workers <n>', 'threads that read pictures from files (default: cores - 1)', wholeNumber)
    .addOption(backendOption())
    .option('--json', 'print the results as JSON')
    .addHelpText(
      'after',
      `
Examples:
  ltml train examples/recipes/bce.yaml
  ltml train examples/recipes/db-focal.yaml --set seed=2 --out runs/db-focal-2`,
    )
    .action(async (file: string, options: TrainOptions) => {
      const { train } = await import('../run/train.ts');
      await train(file, options);
    });
}
