import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { isOccupied } from '@ltml/train/node';
import { readAttempts } from './attempts.ts';
import { type Manifest, runFolder, type SweepRun } from './manifest.ts';
import { readPruned } from './prune/pruned.ts';

/**
 * States of a run of a sweep. `waiting`: not begun, or failed and to be tried again. `stopped`: begun, but no process
 * works on it. `pruned`: stopped because it fell behind. `failed`: will not be tried again.
 */
export const sweepStates = ['done', 'running', 'stopped', 'waiting', 'pruned', 'failed'] as const;

/** State of a run of a sweep. */
export type SweepState = (typeof sweepStates)[number];

/** Reads the state of a run from its folder. */
export function stateOf(sweep: Manifest, run: SweepRun): SweepState {
  const folder = runFolder(sweep, run);
  if (existsSync(join(folder, 'summary.json'))) return 'done';
  const hasFolder = existsSync(folder);
  if (hasFolder && isOccupied(folder)) return 'running';
  if (readPruned(sweep, run)) return 'pruned';
  const attempts = readAttempts(sweep, run);
  if (attempts && (attempts.final || attempts.failed >= sweep.attempts)) return 'failed';
  return hasFolder ? 'stopped' : 'waiting';
}
