import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { DataError } from '@ltml/tensor';
import { differencesOf } from './differences.ts';
import type { Measures } from './measures/measure.ts';
import { measures } from './measures/measures.ts';
import { isFinished, type RunRecord, readJson, readRun } from './run-record.ts';
import { type Suite, storedSuiteSchema } from './suite.ts';
import { type RowSummary, summarize } from './summary.ts';

/** The result of a suite, from its finished runs. */
export interface SuiteResult {
  readonly suite: Suite;
  readonly measures: Measures;
  readonly runs: readonly RunRecord[];
  readonly rows: readonly RowSummary[];
}

/** The run folder of a row or preparation with a seed. @param folder folder with the results of the suite */
export function runFolderOf(folder: string, row: string, seed: number): string {
  return join(folder, row, `seed-${seed}`);
}

/**
 * Reads the finished runs of a suite and compares them.
 *
 * @param folder folder with the results of the suite: `suite.json`, and a run folder `<row>/seed-<n>` for each run
 * @throws DataError if there is no finished run, or a file is damaged
 */
export function readSuiteResult(folder: string): SuiteResult {
  const suite = readJson(join(folder, 'suite.json'), storedSuiteSchema);
  const runs = finishedRuns(suite, folder).map(([row, run]) => readRun(run, row));
  if (runs.length === 0) {
    const expected = 'results of a suite with a finished run';
    throw new DataError({ where: 'readSuiteResult', argument: folder, expected, received: 'none' });
  }
  checkClasses(runs, folder);
  const own = measures[suite.measures];
  return { suite, measures: own, runs, rows: summarize(suite, runs, own, differencesOf(suite, runs, own)) };
}

/** Whether a folder contains results of a suite. */
export function hasSuiteResult(folder: string): boolean {
  return existsSync(join(folder, 'suite.json'));
}

/** Whether a run of the suite in a folder has finished. */
export function isStarted(folder: string): boolean {
  return finishedRuns(readJson(join(folder, 'suite.json'), storedSuiteSchema), folder).length > 0;
}

function finishedRuns({ rows, seeds }: Suite, folder: string): [row: string, folder: string][] {
  const all = Object.keys(rows).flatMap((row) => seeds.map((seed) => [row, runFolderOf(folder, row, seed)] as const));
  return all.filter(([, run]) => isFinished(run)).map(([row, run]) => [row, run]);
}

/** Checks that all rows of a table have the same test images and classes. */
function checkClasses(runs: readonly RunRecord[], folder: string): void {
  const [first] = runs;
  const shape = ({ scores, classes }: RunRecord): string => `${scores.rows} test images of ${classes.length} classes`;
  const other = runs.find((run) => shape(run) !== shape(first));
  if (!other) return;
  throw new DataError({
    where: 'readSuiteResult',
    argument: `${folder}: ${other.row}`,
    expected: `${shape(first)}, as ${first.row} has`,
    received: shape(other),
  });
}
