import { existsSync, readFileSync } from 'node:fs';
import { mkdir, rm } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { DataError } from '@ltml/tensor';
import { writeFileAtomically } from '@ltml/tensor/node';
import * as z from 'zod';
import type { Manifest, SweepRun } from './manifest.ts';

/** How a run failed. */
export interface Attempts {
  /** Times that it failed. */
  readonly failed: number;
  /** Of the last one. */
  readonly reason: string;
  /** Whether it would fail again: its recipe is wrong. */
  readonly final: boolean;
}

const schema = z.strictObject({ failed: z.int().min(1), reason: z.string(), final: z.boolean() });

const fileOf = ({ folder }: Pick<Manifest, 'folder'>, { id }: SweepRun): string => join(folder, 'failed', `${id}.json`);

/** The failures of a run so far; none if it did not fail. @throws DataError on a damaged file */
export function readAttempts(sweep: Pick<Manifest, 'folder'>, run: SweepRun): Attempts | undefined {
  const file = fileOf(sweep, run);
  if (!existsSync(file)) return undefined;
  try {
    return schema.parse(JSON.parse(readFileSync(file, 'utf8')));
  } catch (cause) {
    const expected = 'a file as `ltml sweep run` writes it';
    throw new DataError({ where: 'readAttempts', argument: file, expected, received: 'another', cause });
  }
}

/** Notes that a run failed once more. */
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

/** Forgets failures: the run has finished, or is to be tried anew. */
export async function forgetFailures(sweep: Pick<Manifest, 'folder'>, run: SweepRun): Promise<void> {
  await rm(fileOf(sweep, run), { force: true });
}
