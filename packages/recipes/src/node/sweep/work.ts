import { existsSync } from 'node:fs';
import { LtmlError } from '@ltml/tensor';
import { configHash, isOccupied } from '@ltml/train/node';
import type { Recipe } from '../../recipe/recipe.ts';
import { resolve } from '../../recipe/resolve.ts';
import { UsageError } from '../../usage-error.ts';
import { readRecipe } from '../read-recipe.ts';
import type { Runner, RunWatch } from '../runs/runner.ts';
import { forgetFailures, noteFailure } from './attempts.ts';
import { type Manifest, runFolder, type SweepRun, settingsOf } from './manifest.ts';
import { idOf } from './plan.ts';
import { type SweepState, stateOf } from './state.ts';

/** How the work on a run ended. */
export interface WorkResult {
  readonly run: SweepRun;
  /** `already`: it was done before; `busy`: another process works on it. */
  readonly outcome: 'done' | 'already' | 'busy' | 'failed';
  /** Why it failed. */
  readonly reason?: string;
  /** Whether it is not to be tried again. */
  readonly final?: boolean;
}

/**
 * Does a run of a sweep, or goes on with it. A run that failed too often, or whose recipe is wrong, is left alone.
 *
 * @param runner in this process, or in another
 * @throws the signal's reason if it stops the run
 */
export async function workOn(sweep: Manifest, run: SweepRun, runner: Runner, watch: RunWatch): Promise<WorkResult> {
  const rest = left[stateOf(sweep, run)];
  if (rest) return { run, ...rest };
  const recipe = { file: sweep.recipe, settings: settingsOf(sweep, run) };
  const folder = runFolder(sweep, run);
  try {
    const { value, locate } = readRecipe(recipe.file, recipe.settings);
    const resolved = await resolve(value, locate);
    if (idOf(resolved) !== run.id) throw new UsageError(`${recipe.file}: has changed since the sweep was planned`);
    await runner.run({ group: groupOf(resolved), folder, recipe }, watch);
  } catch (error) {
    if (watch.signal?.aborted) throw error;
    if (existsSync(folder) && isOccupied(folder)) return { run, outcome: 'busy' };
    const { reason, final } = describe(error);
    const { failed } = await noteFailure(sweep, run, { reason, final });
    return { run, outcome: 'failed', reason, final: final || failed >= sweep.attempts };
  }
  await forgetFailures(sweep, run);
  return { run, outcome: 'done' };
}

/** What needs no work. */
const left: { readonly [state in SweepState]?: Omit<WorkResult, 'run'> } = {
  done: { outcome: 'already' },
  running: { outcome: 'busy' },
  failed: { outcome: 'failed', reason: 'it is not tried again', final: true },
};

/** A wrong recipe is wrong the next time, too. */
function describe(error: unknown): { reason: string; final: boolean } {
  const reason = error instanceof Error ? error.message : String(error);
  return { reason, final: error instanceof UsageError || (LtmlError.is(error) && error.name === 'OptionError') };
}

/** Runs with the same data, pictures and encoder share features. */
function groupOf({ data, pictures, encoder }: Recipe): string {
  return configHash({ data, pictures, encoder });
}
