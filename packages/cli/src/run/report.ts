import { existsSync } from 'node:fs';
import { hasResults } from '@ltml/benchmarks/suites';
import { UsageError } from '@ltml/recipes/usage-error';
import { printResults } from './suites.ts';

/** Options of `ltml report`. */
export interface ReportOptions {
  readonly json?: boolean;
}

/** Writes the tables and the page of suites again from their run folders. */
export async function rewriteReport(folder: string, options: ReportOptions): Promise<void> {
  if (!existsSync(folder) || !hasResults(folder)) throw new UsageError(`no results of \`ltml bench\` in ${folder}`);
  await printResults(folder, options);
}
