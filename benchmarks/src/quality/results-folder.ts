import { closeSync, fstatSync, ftruncateSync, openSync, readdirSync, readFileSync, writeSync } from 'node:fs';
import { mkdir } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { isDeepStrictEqual } from 'node:util';
import type { Scores } from '@ltml/metrics';
import { DataError, type HostTensor, readSafetensors, writeSafetensors } from '@ltml/tensor';
import { writeFileAtomically } from '@ltml/tensor/node';
import type { z } from 'zod';
import type { RunRecord } from './record.ts';
import { runSchema, type StoredTrack, storedTracksSchema } from './stored-form.ts';
import type { TrackRun } from './track.ts';

/** What makes a run the same as another: all of its record that was known before it. */
export type RunKey = Pick<
  RunRecord,
  'form' | 'suite' | 'track' | 'protocol' | 'method' | 'title' | 'seed' | 'environment'
>;

/** A run with what it is compared by. */
export interface StoredRun {
  readonly record: RunRecord;
  readonly outputs: TrackRun['outputs'];
}

/**
 * The files of one suite: `suite.json`, `runs/<track>-<method>-<seed>.json` with the scores of the test images beside it as
 * safetensors, `report.html`. Each is there in full or not at all.
 */
export class ResultsFolder {
  readonly path: string;

  private constructor(path: string) {
    this.path = path;
  }

  /** @param path made if it is not there */
  static async open(path: string): Promise<ResultsFolder> {
    await mkdir(join(path, 'runs'), { recursive: true });
    return new ResultsFolder(path);
  }

  /** Writes a run's own files and adds it as a line to the log of all suites beside this folder. */
  async addRun({ record, outputs }: StoredRun): Promise<void> {
    const file = this.#fileOf(record);
    await writeFileAtomically(`${file}.safetensors`, [writeSafetensors(toTensors(outputs))]);
    // Last: a run is there if its record is.
    await writeFileAtomically(`${file}.json`, [`${JSON.stringify(record, null, 2)}\n`]);
    appendLine(join(this.path, '..', 'results.jsonl'), JSON.stringify(record));
  }

  /** The run of this name, if it is there and was the same; a damaged one is not there. */
  findRun(key: RunKey): StoredRun | undefined {
    const file = this.#fileOf(key);
    try {
      const record = readJson(`${file}.json`, runSchema);
      const isSame = Object.entries(key).every(([name, value]) =>
        isDeepStrictEqual(record[name as keyof RunRecord], JSON.parse(JSON.stringify(value))),
      );
      return isSame ? { record, outputs: fromTensors(readFileSync(`${file}.safetensors`)) } : undefined;
    } catch {
      return undefined;
    }
  }

  /** The tracks that are there; none if the file is damaged. */
  findSuite(): readonly StoredTrack[] {
    try {
      return readJson(join(this.path, 'suite.json'), storedTracksSchema);
    } catch {
      return [];
    }
  }

  async writeSuite(tracks: readonly StoredTrack[]): Promise<void> {
    await writeFileAtomically(join(this.path, 'suite.json'), [`${JSON.stringify(tracks, null, 2)}\n`]);
  }

  #fileOf({ track, method, seed }: Pick<RunRecord, 'track' | 'method' | 'seed'>): string {
    return join(this.path, 'runs', `${track}-${method}-${seed}`);
  }
}

/** Writes `report.html` into a folder of results. @returns the path of the page */
export async function writeReport(folder: string, html: string): Promise<string> {
  const page = join(folder, 'report.html');
  await writeFileAtomically(page, [html]);
  return page;
}

/**
 * Reads what {@link ResultsFolder} wrote: the tracks, and their runs.
 *
 * @throws DataError that names the file which is missing or is not of this form
 */
export function readResults(path: string): {
  readonly tracks: readonly StoredTrack[];
  readonly runs: readonly RunRecord[];
} {
  const tracks = readJson(join(path, 'suite.json'), storedTracksSchema);
  const folder = join(path, 'runs');
  const files = listFolder(folder).filter((file) => file.endsWith('.json'));
  const runs = files.flatMap((name) => {
    const file = join(folder, name);
    const run = readJson(file, runSchema);
    const track = tracks.find((stored) => stored.track.key === run.track)?.track;
    // A method that the last command did not name stays in the folder, and out of the report.
    if (!track || !Object.hasOwn(track.methods, run.method)) return [];
    const missing = track.measures.find(({ key }) => !Object.hasOwn(run.measures, key));
    if (missing) throw damaged(file, `without the measure "${missing.key}"`);
    if (run.perClass.length !== track.classes.length) {
      throw damaged(file, `of ${run.perClass.length} classes, where suite.json has ${track.classes.length}`);
    }
    return run;
  });
  if (runs.length === 0) throw damaged(folder, 'no runs');
  return { tracks, runs };
}

/** Bytes of a file of results at most; the largest of a suite has some ten thousand. */
const largest = 32 * 2 ** 20;

function readJson<T>(file: string, schema: z.ZodType<T>): T {
  const text = readText(file);
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (cause) {
    throw damaged(file, (cause as Error).message, cause);
  }
  const result = schema.safeParse(value);
  if (result.success) return result.data;
  const [{ path, message }] = result.error.issues;
  throw damaged(file, `${path.join('.') || basename(file)}: ${message}`);
}

function readText(file: string): string {
  try {
    const opened = openSync(file, 'r');
    try {
      const { size } = fstatSync(opened);
      if (size > largest) throw new Error(`${size} bytes`);
      return readFileSync(opened, 'utf8');
    } finally {
      closeSync(opened);
    }
  } catch (cause) {
    throw damaged(file, reasonOf(cause), cause);
  }
}

function listFolder(folder: string): string[] {
  try {
    return readdirSync(folder).sort();
  } catch (cause) {
    throw damaged(folder, reasonOf(cause), cause);
  }
}

function reasonOf(error: unknown): string {
  const { code, message } = error as NodeJS.ErrnoException;
  return code === 'ENOENT' ? 'nothing there' : (code ?? message);
}

function damaged(argument: string, received: string, cause?: unknown): DataError {
  const expected = 'a file of a folder that `ltml bench` wrote';
  return new DataError({ where: 'readResults', argument, expected, received, cause });
}

/** Adds a line in full, or leaves the file as it was. */
function appendLine(path: string, line: string): void {
  const file = openSync(path, 'a');
  const { size } = fstatSync(file);
  try {
    const bytes = Buffer.from(`${line}\n`);
    if (writeSync(file, bytes) < bytes.length) throw new Error(`${path}: the disk took a part of a line`);
  } catch (error) {
    ftruncateSync(file, size);
    throw Object.assign(error as Error, { path });
  } finally {
    closeSync(file);
  }
}

function toTensors(outputs: TrackRun['outputs']): Map<string, HostTensor> {
  return new Map(
    Object.entries(outputs).flatMap(([name, { rows, columns, scores, present, known }]) => {
      const shape = [rows, columns];
      const entries: [string, HostTensor][] = [
        [`${name}/scores`, { dtype: 'F32', shape, data: scores }],
        [`${name}/present`, { dtype: 'U8', shape, data: present }],
      ];
      if (known) entries.push([`${name}/known`, { dtype: 'U8', shape, data: known }]);
      return entries;
    }),
  );
}

function fromTensors(bytes: Uint8Array): TrackRun['outputs'] {
  const { tensors } = readSafetensors(bytes);
  const names = [...tensors.keys()].filter((name) => name.endsWith('/scores')).map((name) => name.slice(0, -7));
  return Object.fromEntries(
    names.map((name): [string, Scores] => {
      const data = (part: string) => tensors.get(`${name}/${part}`);
      const [rows, columns] = data('scores')?.shape ?? [];
      const known = data('known')?.data as Uint8Array | undefined;
      const scores = data('scores')?.data as Float32Array;
      return [name, { rows, columns, scores, present: data('present')?.data as Uint8Array, ...(known && { known }) }];
    }),
  );
}
