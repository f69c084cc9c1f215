import { existsSync, readFileSync } from 'node:fs';
import { mkdir, rm } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { DataError } from '@ltml/tensor';
import { writeFileAtomically } from '@ltml/tensor/node';
import * as z from 'zod';
import type { Manifest, SweepRun } from '../manifest.ts';
import type { Verdict } from './verdict.ts';

/** JSON has no infinities; they become null. */
const number = z.number().nullable();
const schema = z.strictObject({ epoch: z.int().min(1), value: number, bar: number });

const fileOf = ({ folder }: Pick<Manifest, 'folder'>, { id }: SweepRun): string => join(folder, 'pruned', `${id}.json`);

/**
 * Why a run was pruned; undefined if it was not, or if the sweep no longer prunes. @throws DataError for a damaged file
 */
export function readPruned(sweep: Pick<Manifest, 'folder' | 'prune'>, run: SweepRun): Verdict | undefined {
  const file = fileOf(sweep, run);
  if (!sweep.prune || !existsSync(file)) return undefined;
  try {
    const { epoch, value, bar } = schema.parse(JSON.parse(readFileSync(file, 'utf8')));
    return { epoch, value: value ?? Number.NaN, bar: bar ?? Number.NaN };
  } catch (cause) {
    const expected = 'a file written by `ltml sweep run`';
    throw new DataError({ where: 'readPruned', argument: file, expected, received: 'other content', cause });
  }
}

/** Records that a run is pruned. */
export async function notePruned(sweep: Pick<Manifest, 'folder'>, run: SweepRun, verdict: Verdict): Promise<void> {
  const file = fileOf(sweep, run);
  await mkdir(dirname(file), { recursive: true });
  await writeFileAtomically(file, [`${JSON.stringify(verdict)}\n`]);
}

/** Deletes the record: the run has finished after all. */
export async function forgetPruned(sweep: Pick<Manifest, 'folder'>, run: SweepRun): Promise<void> {
  await rm(fileOf(sweep, run), { force: true });
}
