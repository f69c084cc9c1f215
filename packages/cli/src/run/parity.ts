import { countResults, formatParity, parityAdapters, runParity } from '@ltml/benchmarks/parity';
import { startEngine } from '../engine.ts';
import type { BackendArgument } from '../option-parsers.ts';
import { printJson, printLines } from '../terminal.ts';

/** Options of `ltml parity`. */
export interface ParityCommandOptions {
  readonly backend?: BackendArgument;
  readonly json?: boolean;
}

/** Compares and prints the result. Sets exit code 1 if a case failed. */
export async function compareFolders(folders: readonly string[], options: ParityCommandOptions): Promise<void> {
  const backend = await startEngine(options.backend);
  const results = await runParity(folders, parityAdapters);
  const counts = countResults(results);
  if (options.json) await printJson({ backend, ...counts, results }, 2);
  else await printLines(...formatParity(results));
  if (counts.failed > 0) process.exitCode = 1;
}
