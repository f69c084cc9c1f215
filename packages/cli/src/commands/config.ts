import type { Command } from 'commander';
import { collect } from '../option-parsers.ts';
import { printJson, printLines } from '../terminal.ts';

export function registerConfig(program: Command): void {
  program
    .command('config')
    .description('print a recipe with all that it leaves open filled in')
    .argument('<recipe>', 'YAML or JSON file')
    .option('--set <key=value>', 'change an entry, e.g. method.options.epochs=5; may be repeated', collect, [])
    .option('--json', 'print JSON')
    .addHelpText(
      'after',
      `
Examples:
  ltml config examples/configs/mkt.yaml
  ltml config examples/configs/sarb.yaml --set method.preset=ssgrl --json`,
    )
    .action(async (file: string, { set, json }: { set: string[]; json?: boolean }) => {
      const { formatRecipe, readRecipe, resolve } = await import('@ltml/recipes');
      const { value, locate } = readRecipe(file, set);
      const recipe = resolve(value, locate);
      if (json) await printJson(recipe, 2);
      else await printLines(...formatRecipe(recipe).trimEnd().split('\n'));
    });
}
