import { existsSync, readFileSync } from 'node:fs';
import { mkdir, rm } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { DataError } from '@ltml/tensor';
import { writeFileAtomically } from '@ltml/tensor/node';
import * as z from 'zod';
import type { Manifest, SweepRun } from './manifest.ts';

/** Failures of a run. */
export interface Attempts {
  /** Number of failures. */
  readonly failed: number;
  /** Reason of the last failure. */
  readonly reason: string;
  /** Whether it would fail again, because its recipe is wrong. */
  readonly final: boolean;
}

const schema = z.strictObject({ failed: z.int().min(1), reason: z.string(), final: z.boolean() });

const fileOf = ({ folder }: Pick<Manifest, 'folder'>, { id }: SweepRun): string => join(folder, 'failed', `${id}.json`);

/** Reads the failures of a run; undefined if there are none. @throws DataError for a damaged file */
export function readAttempts(sweep: Pick<Manifest, 'folder'>, run: SweepRun): Attempts | undefined {
  const file = fileOf(sweep, run);
  if (!existsSync(file)) return undefined;
  try {
    return schema.parse(JSON.parse(readFileSync(file, 'utf8')));
  } catch (cause) {
    const expected = 'a file written by `ltml sweep run`';
    throw new DataError({ where: 'readAttempts', argument: file, expected, received: 'other content', cause });
  }
}

/** Records one more failure of a run. */
export async function noteFailure(
  sweep: Pick<Manifest, 'folder'>,
  run: SweepRun,
  { reason, final }: Omit<Attempts, 'failed'>,
): Promise<Attempts> {
  const attempts = { failed: (readAttempts(sweep, run)?.failed ?? 0) + 1, reason, final };
  const file = fileOf(sweep, run);
  await mkdir(dirname(file), { recursive: true });
  await writeFileAtomically(file, [`${JSON.stringify(attempts)}\n`]);
  return attempts;
}

/** Deletes the record of failures: the run has finished, or should be tried again. */
export async function forgetFailures(sweep: Pick<Manifest, 'folder'>, run: SweepRun): Promise<void> {
  await rm(fileOf(sweep, run), { force: true });
}
