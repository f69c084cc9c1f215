import { UsageError } from '@ltml/recipes/usage-error';
import type { Command } from 'commander';
import { collect } from '../option-parsers.ts';
import { printErrors, printJson, printLines } from '../terminal.ts';

interface ConfigOptions {
  readonly set: readonly string[];
  readonly json?: boolean;
  readonly schema?: boolean;
}

export function registerConfig(program: Command): void {
  program
    .command('config')
    .description('print a recipe with all defaults filled in')
    .argument('[recipe]', 'YAML or JSON file')
    .option('--set <key=value>', 'change an entry, e.g. method.options.epochs=5; may be repeated', collect, [])
    .option('--json', 'print JSON')
    .option('--schema', 'print the JSON Schema of recipes instead; editors use it to complete and check recipes')
    .addHelpText(
      'after',
      `
Examples:
  ltml config examples/recipes/mkt.yaml
  ltml config examples/recipes/sarb.yaml --set method.preset=ssgrl --json
  ltml config --schema > recipe.schema.json`,
    )
    .action(async (file: string | undefined, { set, json, schema }: ConfigOptions) => {
      const { formatRecipe, readRecipe, recipeJsonSchema, resolve } = await import('@ltml/recipes/node');
      if (schema) return printJson(await recipeJsonSchema(), 2);
      if (file === undefined) throw new UsageError('config: give a recipe, or --schema');
      const { value, locate, notes = [] } = readRecipe(file, set);
      const recipe = await resolve(value, locate);
      printErrors(...notes);
      if (json) await printJson(recipe, 2);
      else await printLines(...formatRecipe(recipe).trimEnd().split('\n'));
    });
}
