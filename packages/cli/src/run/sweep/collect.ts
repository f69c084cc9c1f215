import {
  collectSweep,
  type Manifest,
  type PointScores,
  readManifest,
  type SweepScores,
  summarizePoints,
} from '@ltml/recipes/node';
import { UsageError } from '@ltml/recipes/usage-error';
import { writeFileAtomically } from '@ltml/tensor/node';
import { stringify } from 'csv-stringify/sync';
import { ProgressLine } from '../../progress-line.ts';
import { printJson, printLines } from '../../terminal.ts';
import { textTable } from '../../text-table.ts';

/** Options of `ltml sweep collect`. */
export interface CollectSweepOptions {
  readonly out?: string;
  readonly report?: string;
  readonly json?: boolean;
}

/** Prints the results of the finished and pruned runs of a sweep. */
export async function collect(folder: string, { out, report, json }: CollectSweepOptions): Promise<void> {
  const sweep = readManifest(folder);
  const runs = collectSweep(sweep);
  const done = runs.filter(({ pruned }) => !pruned).length;
  if (done === 0) throw new UsageError(`${folder}: no run has finished`);
  if (out !== undefined) await writeFileAtomically(out, [asCsv(runs)]);
  if (report !== undefined) await writeReport(report, sweep, runs);
  const points = summarizePoints(runs);
  if (json) {
    await printJson(points, 2);
    return;
  }
  await printLines(
    ...asTable(points),
    '',
    `${done} of ${sweep.runs.length} runs${prunedText(runs.length - done)}${placesText([out, report])}`,
  );
}

function prunedText(pruned: number): string {
  return pruned === 0 ? '' : `; ${pruned} pruned`;
}

function placesText(places: readonly (string | undefined)[]): string {
  const given = places.filter((place) => place !== undefined);
  return given.length === 0 ? '' : `, in ${given.join(' and ')}`;
}

/** Writes the page. With many test images it takes a while to compare points. */
async function writeReport(file: string, sweep: Manifest, runs: readonly SweepScores[]): Promise<void> {
  const { sweepPage } = await import('./report/page.ts');
  const line = new ProgressLine();
  const page = sweepPage(sweep, runs, (done) => line.show(done, 'comparing points'));
  line.clear();
  await writeFileAtomically(file, [page]);
}

function namesIn(records: readonly Readonly<Record<string, unknown>>[]): string[] {
  return [...new Set(records.flatMap((record) => Object.keys(record)))];
}

function asTable(points: readonly PointScores[]): string[] {
  const entries = namesIn(points.map(({ point }) => point));
  const measures = namesIn(points.map((point) => point.measures));
  const rows = points.map((summary) => [
    ...entries.map((entry) => shown(summary.point[entry])),
    summary.pruned === 0 ? String(summary.seeds) : `${summary.seeds} (${summary.pruned} pruned)`,
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
  // Only a sweep with pruned runs needs this column.
  const ends = runs.some(({ pruned }) => pruned) ? ['prunedAfter'] : [];
  const rows = runs.map((scores) => [
    scores.run.id,
    ...entries.map((entry) => shown(scores.run.point[entry])),
    scores.run.seed,
    ...ends.map(() => scores.pruned?.epoch ?? ''),
    ...measures.map((name) => scores.measures[name] ?? ''),
  ]);
  return stringify([['id', ...entries, 'seed', ...ends, ...measures], ...rows], { escape_formulas: true });
}

function shown(value: unknown): string {
  return value === undefined ? '' : typeof value === 'string' ? value : JSON.stringify(value);
}
