import type { Command } from 'commander';
import { fromBenchmarks } from '../benchmarks.ts';
import { backendOption } from '../option-parsers.ts';
import type { ParityCommandOptions } from '../run/parity.ts';

export function registerParity(program: Command): void {
  program
    .command('parity')
    .description("compare functions with stored results of the authors' code")
    .argument('<dir...>', 'folders with stored cases (index.json); the name of a folder selects the functions')
    .addOption(backendOption())
    .option('--json', 'print the results as JSON')
    .addHelpText('after', '\nExample:\n  ltml parity packages/losses/test/fixtures/losses')
    .action(async (folders: string[], options: ParityCommandOptions) => {
      const { compareFolders } = await fromBenchmarks('parity', () => import('../run/parity.ts'));
      await compareFolders(folders, options);
    });
}
