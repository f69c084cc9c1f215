import { collectSweep, type PointScores, readManifest, type SweepScores, summarizePoints } from '@ltml/recipes/node';
import { UsageError } from '@ltml/recipes/usage-error';
import { writeFileAtomically } from '@ltml/tensor/node';
import { stringify } from 'csv-stringify/sync';
import { printJson, printLines } from '../../terminal.ts';
import { textTable } from '../../text-table.ts';

export interface CollectSweepOptions {
  readonly out?: string;
  readonly json?: boolean;
}

/** Prints what the finished runs of a sweep came to. */
export async function collect(folder: string, { out, json }: CollectSweepOptions): Promise<void> {
  const sweep = readManifest(folder);
  const runs = collectSweep(sweep);
  if (runs.length === 0) throw new UsageError(`${folder}: no run has finished`);
  if (out !== undefined) await writeFileAtomically(out, [asCsv(runs)]);
  const points = summarizePoints(runs);
  if (json) {
    await printJson(points, 2);
    return;
  }
  await printLines(
    ...asTable(points),
    '',
    `${runs.length} of ${sweep.runs.length} runs${out === undefined ? '' : `, in ${out}`}`,
  );
}

function namesIn(records: readonly Readonly<Record<string, unknown>>[]): string[] {
  return [...new Set(records.flatMap((record) => Object.keys(record)))];
}

function asTable(points: readonly PointScores[]): string[] {
  const entries = namesIn(points.map(({ point }) => point));
  const measures = namesIn(points.map((point) => point.measures));
  const rows = points.map((summary) => [
    ...entries.map((entry) => shown(summary.point[entry])),
    String(summary.seeds),
    ...measures.map((name) => {
      const spread = summary.measures[name];
      return spread ? `${spread.mean.toFixed(4)} ± ${spread.deviation.toFixed(4)}` : '–';
    }),
  ]);
  return textTable([...entries, 'seeds', ...measures], rows);
}

function asCsv(runs: readonly SweepScores[]): string {
  const entries = namesIn(runs.map(({ run }) => run.point));
  const measures = namesIn(runs.map((run) => run.measures));
  const rows = runs.map((scores) => [
    scores.run.id,
    ...entries.map((entry) => shown(scores.run.point[entry])),
    scores.run.seed,
    ...measures.map((name) => scores.measures[name] ?? ''),
  ]);
  return stringify([['id', ...entries, 'seed', ...measures], ...rows], { escape_formulas: true });
}

function shown(value: unknown): string {
  return value === undefined ? '' : typeof value === 'string' ? value : JSON.stringify(value);
}
