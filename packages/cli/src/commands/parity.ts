import { countResults, formatParity, parityAdapters, runParity } from '@ltml/benchmarks';
import type { Command } from 'commander';
import { type BackendArgument, backendOption, startEngine } from '../engine.ts';

interface ParityCommandOptions {
  readonly backend?: BackendArgument;
  readonly json?: boolean;
}

export function registerParity(program: Command): void {
  program
    .command('parity')
    .description("compare our functions with stored values of the authors' code")
    .argument('<dir...>', "folders with an index.json of stored cases; the folder's name is the part")
    .addOption(backendOption())
    .option('--json', 'print the results as JSON')
    .addHelpText('after', '\nExample:\n  ltml parity packages/losses/test/fixtures/losses')
    .action(async (folders: string[], options: ParityCommandOptions) => {
      const backend = await startEngine(options.backend);
      const results = await runParity(folders, parityAdapters);
      const counts = countResults(results);
      console.log(options.json ? JSON.stringify({ backend, ...counts, results }, null, 2) : formatParity(results));
      if (counts.failed > 0) process.exitCode = 1;
    });
}
