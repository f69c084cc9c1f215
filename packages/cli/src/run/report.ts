import { existsSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { formatTable, readResults, renderReport, summarize, writeReport } from '@ltml/benchmarks/quality';
import { UsageError } from '@ltml/recipes/usage-error';
import { printJson, printLines } from '../terminal.ts';

export interface ReportOptions {
  readonly json?: boolean;
}

/** Makes table and page of a suite from its stored runs. */
export async function rewriteReport(folder: string, { json }: ReportOptions): Promise<void> {
  if (!existsSync(join(folder, 'suite.json'))) throw new UsageError(`no results of \`ltml bench\` in ${folder}`);
  const { tracks, runs } = readResults(folder);
  const results = tracks.map(({ track, differences }) => ({ track, summaries: summarize(track, runs, differences) }));
  const report = resolve(await writeReport(folder, renderReport(results, runs)));
  if (json) await printJson({ tracks: results, report }, 2);
  else {
    const tables = results.flatMap(({ track, summaries }) => [track.title, '', ...formatTable(track, summaries), '']);
    await printLines(...tables, `report: ${report}`);
  }
}
