import type { Command } from 'commander';
import { fromBenchmarks } from '../benchmarks.ts';
import type { ReportOptions } from '../run/report.ts';

export function registerReport(program: Command): void {
  program
    .command('report')
    .description('rewrite the report of a suite from its stored runs')
    .argument('<dir>', 'folder that `ltml bench` wrote')
    .option('--json', 'print the table as JSON')
    .addHelpText('after', '\nExample:\n  ltml report runs/bench/quick-20260101-120000')
    .action(async (folder: string, options: ReportOptions) => {
      const { rewriteReport } = await fromBenchmarks('report', () => import('../run/report.ts'));
      await rewriteReport(folder, options);
    });
}
