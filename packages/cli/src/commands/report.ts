import { resolve } from 'node:path';
import { formatTable, readResults, renderReport, summarize, writeReport } from '@ltml/benchmarks';
import type { Command } from 'commander';

interface ReportOptions {
  readonly json?: boolean;
}

export function registerReport(program: Command): void {
  program
    .command('report')
    .description('write the report of a suite anew from its stored runs')
    .argument('<dir>', 'folder that `ltml bench` wrote')
    .option('--json', 'print the table as JSON')
    .addHelpText('after', '\nExample:\n  ltml report runs/bench/quick-20260101-120000')
    .action((folder: string, { json }: ReportOptions) => {
      const { description, differences, runs } = readResults(folder);
      const summaries = summarize(description, runs, differences);
      const report = resolve(writeReport(folder, renderReport(description, summaries, runs)));
      console.log(
        json ? JSON.stringify({ summaries, report }, null, 2) : `${formatTable(summaries)}\n\nreport: ${report}`,
      );
    });
}
