import { resolve } from 'node:path';
import { formatTable, readResults, renderReport, summarize, writeReport } from '@ltml/benchmarks/quality';

export interface ReportOptions {
  readonly json?: boolean;
}

/** Makes table and page of a suite from its stored runs. */
export function rewriteReport(folder: string, { json }: ReportOptions): void {
  const { tracks, runs } = readResults(folder);
  const results = tracks.map(({ track, differences }) => ({ track, summaries: summarize(track, runs, differences) }));
  const report = resolve(writeReport(folder, renderReport(results, runs)));
  if (json) console.log(JSON.stringify({ tracks: results, report }, null, 2));
  else {
    for (const { track, summaries } of results) console.log(`${track.title}\n\n${formatTable(track, summaries)}\n`);
    console.log(`report: ${report}`);
  }
}
