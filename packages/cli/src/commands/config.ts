import type { Command } from 'commander';
import { collect } from '../option-parsers.ts';
import { printJson, printLines } from '../terminal.ts';

export function registerConfig(program: Command): void {
  program
    .command('config')
    .description('print a configuration with all that it leaves open filled in')
    .argument('<config>', 'YAML or JSON file')
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
      const { formatConfig, readConfig, resolveExperiment } = await import('@ltml/recipes');
      const config = resolveExperiment(readConfig(file, set));
      if (json) await printJson(config, 2);
      else await printLines(...formatConfig(config).trimEnd().split('\n'));
    });
}
