import { appendFileSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { DataError } from '@ltml/tensor';
import type { RunRecord, TrackRecord } from './record.ts';
import type { Differences } from './summary.ts';

/** What of a track is stored besides its runs. */
export interface StoredTrack {
  readonly track: TrackRecord;
  readonly differences: Differences;
}

/** The files of one suite: `suite.json`, `runs/<track>-<method>-<seed>.json`, `report.html`. */
export class ResultsFolder {
  readonly path: string;

  /** @param path made if it is not there */
  constructor(path: string) {
    mkdirSync(join(path, 'runs'), { recursive: true });
    this.path = path;
  }

  /** Writes a run's own file and adds it as a line to the log of all suites beside this folder. */
  addRun(run: RunRecord): void {
    writeFileSync(
      join(this.path, 'runs', `${run.track}-${run.method}-${run.seed}.json`),
      `${JSON.stringify(run, null, 2)}\n`,
    );
    appendFileSync(join(this.path, '..', 'results.jsonl'), `${JSON.stringify(run)}\n`);
  }

  writeSuite(tracks: readonly StoredTrack[]): void {
    writeFileSync(join(this.path, 'suite.json'), `${JSON.stringify(tracks, null, 2)}\n`);
  }
}

/** Writes `report.html` into a folder of results. @returns the path of the page */
export function writeReport(folder: string, html: string): string {
  const page = join(folder, 'report.html');
  writeFileSync(page, html);
  return page;
}

/**
 * Reads what {@link ResultsFolder} wrote.
 *
 * @throws DataError if something is missing or is not of this form
 */
export function readResults(path: string): {
  readonly tracks: readonly StoredTrack[];
  readonly runs: readonly RunRecord[];
} {
  try {
    const tracks = JSON.parse(readFileSync(join(path, 'suite.json'), 'utf8')) as readonly StoredTrack[];
    const runs = readdirSync(join(path, 'runs'))
      .filter((file) => file.endsWith('.json'))
      .map((file) => JSON.parse(readFileSync(join(path, 'runs', file), 'utf8')) as RunRecord);
    if (runs.length > 0 && runs.every((run) => run.form === 2)) return { tracks, runs };
    throw new Error(runs.length === 0 ? 'no runs' : 'runs of another form');
  } catch (cause) {
    throw new DataError({
      where: 'readResults',
      argument: path,
      expected: 'a folder that `ltml bench` wrote',
      received: (cause as Error).message,
      cause,
    });
  }
}
