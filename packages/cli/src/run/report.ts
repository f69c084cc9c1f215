import { resolve } from 'node:path';
import { formatTable, readResults, renderReport, summarize, writeReport } from '@ltml/benchmarks/quality';

export interface ReportOptions {
  readonly json?: boolean;
}

/** Makes table and page of a suite from its stored runs. */
export function rewriteReport(folder: string, { json }: ReportOptions): void {
  const { description, differences, runs } = readResults(folder);
  const summaries = summarize(description, runs, differences);
  const report = resolve(writeReport(folder, renderReport(description, summaries, runs)));
  console.log(json ? JSON.stringify({ summaries, report }, null, 2) : `${formatTable(summaries)}\n\nreport: ${report}`);
}
