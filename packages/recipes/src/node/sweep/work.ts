import { LtmlError } from '@ltml/tensor';
import { configHash } from '@ltml/train/node';
import type { Recipe } from '../../recipe/recipe.ts';
import { resolve } from '../../recipe/resolve.ts';
import { UsageError } from '../../usage-error.ts';
import { readRecipe } from '../read-recipe.ts';
import type { Runner, RunWatch } from '../runs/runner.ts';
import { forgetFailures, noteFailure } from './attempts.ts';
import { type Manifest, runFolder, type SweepRun, settingsOf } from './manifest.ts';
import { idOf } from './plan.ts';
import { Pruner } from './prune/pruner.ts';
import { type SweepState, stateOf } from './state.ts';

/** How the work on a run ended. */
export interface WorkResult {
  readonly run: SweepRun;
  /** `already`: it was done before; `pruned`: it fell behind; `busy`: another process works on it. */
  readonly outcome: 'done' | 'already' | 'pruned' | 'busy' | 'failed';
  /** Why it failed, or was pruned just now. */
  readonly reason?: string;
  /** Whether it is not to be tried again. */
  readonly final?: boolean;
}

/**
 * Does a run of a sweep, or goes on with it. A run that was pruned, that failed too often, or whose recipe is wrong, is left
 * alone.
 *
 * @param runner in this process, or in another
 * @throws the signal's reason if it stops the run
 */
export async function workOn(sweep: Manifest, run: SweepRun, runner: Runner, watch: RunWatch): Promise<WorkResult> {
  const rest = left[stateOf(sweep, run)];
  if (rest) return { run, ...rest };
  const recipe = { file: sweep.recipe, settings: settingsOf(sweep, run) };
  const folder = runFolder(sweep, run);
  const pruner = sweep.prune && new Pruner(sweep, sweep.prune, run);
  try {
    const { value, locate } = readRecipe(recipe.file, recipe.settings);
    const resolved = await resolve(value, locate);
    if (idOf(resolved) !== run.id) throw new UsageError(`${recipe.file}: has changed since the sweep was planned`);
    await runner.run({ group: groupOf(resolved), folder, recipe }, pruner?.watching(watch) ?? watch);
  } catch (error) {
    if (watch.signal?.aborted) throw error;
    const behind = await pruner?.reason();
    if (behind !== undefined) return { run, outcome: 'pruned', reason: behind };
    // Another process has it, or had it a moment ago.
    const now = left[stateOf(sweep, run)];
    if (now && !now.final) return { run, ...now };
    const { reason, final } = describe(error);
    const { failed } = await noteFailure(sweep, run, { reason, final });
    return { run, outcome: 'failed', reason, final: final || failed >= sweep.attempts };
  }
  await forgetFailures(sweep, run);
  await pruner?.forget();
  return { run, outcome: 'done' };
}

/** What needs no work. */
const left: { readonly [state in SweepState]?: Omit<WorkResult, 'run'> } = {
  done: { outcome: 'already' },
  pruned: { outcome: 'pruned' },
  running: { outcome: 'busy' },
  failed: { outcome: 'failed', reason: 'it is not tried again', final: true },
};

/** A wrong recipe is wrong the next time, too. */
function describe(error: unknown): { reason: string; final: boolean } {
  return {
    reason: reasonOf(error),
    final: error instanceof UsageError || (LtmlError.is(error) && error.name === 'OptionError'),
  };
}

/** In one line, with the file where the system names one. */
function reasonOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  const { message, path } = error as NodeJS.ErrnoException;
  const line = message.replaceAll('\n', '; ');
  return path === undefined || line.includes(path) ? line : `${path}: ${line}`;
}

/** Runs with the same data, pictures and encoder share features. */
function groupOf({ data, pictures, encoder }: Recipe): string {
  return configHash({ data, pictures, encoder });
}
