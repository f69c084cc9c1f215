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

/** The outcome of one attempt at a run. */
export interface WorkResult {
  readonly run: SweepRun;
  /** `already`: was done before; `pruned`: fell behind; `busy`: another process works on it. */
  readonly outcome: 'done' | 'already' | 'pruned' | 'busy' | 'failed';
  /** Why it failed, or why it was pruned in this attempt. */
  readonly reason?: string;
  /** Whether it should not be tried again. */
  readonly final?: boolean;
}

/**
 * Starts or continues a run of a sweep. Leaves a run alone if it was pruned, failed too often, or has a wrong recipe.
 *
 * @param runner in this process or in another one
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
    // Another process has the run, or had it a moment ago.
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

/** Results for states that need no work. */
const left: { readonly [state in SweepState]?: Omit<WorkResult, 'run'> } = {
  done: { outcome: 'already' },
  pruned: { outcome: 'pruned' },
  running: { outcome: 'busy' },
  failed: { outcome: 'failed', reason: 'not tried again', final: true },
};

/** A wrong recipe would fail again. */
function describe(error: unknown): { reason: string; final: boolean } {
  return {
    reason: reasonOf(error),
    final: error instanceof UsageError || (LtmlError.is(error) && error.name === 'OptionError'),
  };
}

/** The reason in one line, with the path if the system gives one. */
function reasonOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  const { message, path } = error as NodeJS.ErrnoException;
  const line = message.replaceAll('\n', '; ');
  return path === undefined || line.includes(path) ? line : `${path}: ${line}`;
}

/** Runs with equal data, pictures and encoder share features. */
function groupOf({ data, pictures, encoder }: Recipe): string {
  return configHash({ data, pictures, encoder });
}
