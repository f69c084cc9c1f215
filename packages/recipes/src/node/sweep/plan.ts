import { mkdir } from 'node:fs/promises';
import { checkOptionNames } from '@ltml/tensor';
import { configHash } from '@ltml/train/node';
import type { Recipe } from '../../recipe/recipe.ts';
import { resolve } from '../../recipe/resolve.ts';
import { applySettings } from '../../recipe/settings.ts';
import { readRecipe } from '../read-recipe.ts';
import { type Manifest, type SweepRun, settingsOf, writeManifest } from './manifest.ts';
import { pointsOf } from './points.ts';
import { type Pruning, pruningOf } from './prune/pruning.ts';
import { readSweep } from './sweep-file.ts';

/** Options of {@link planSweep}. */
export interface PlanSweepOptions {
  /** Called from time to time, and at the end, with the number of resolved recipes. */
  readonly onProgress?: (done: number, total: number) => void;
}

/** Recipes between two calls of `onProgress`: about a tenth of a second. */
const told = 100;

/**
 * Lists the runs of a sweep and writes its manifest. If two points give the same recipe, they are one run. A sweep can
 * be planned again after points were added: runs are identified by their recipe, so finished ones stay finished.
 *
 * @param file of the sweep
 * @param folder of the sweep, made if needed
 * @returns the manifest, the number of points left out because an earlier one has the same recipe, and the notes of
 * `readRecipe`
 * @throws UsageError with place, entry and reason, for a mistake in the sweep or in the recipe of a run
 */
export async function planSweep(
  file: string,
  folder: string,
  options: PlanSweepOptions = {},
): Promise<Manifest & { readonly repeated: number; readonly notes: readonly string[] }> {
  checkOptionNames('planSweep', options, ['onProgress']);
  const sweep = readSweep(file);
  const source = readRecipe(sweep.recipe);
  const own = applySettings(source, settingsOfAll(sweep.set), `${file}:`);
  const seeds = sweep.seeds ?? [(await resolve(own.value, own.locate)).seed];
  const runs = new Map<string, SweepRun>();
  const points = pointsOf(sweep);
  const total = points.length * seeds.length;
  let pruning: Pruning | undefined;
  let done = 0;
  for (const point of points) {
    for (const seed of seeds) {
      const { value, locate } = applySettings(source, settingsOf(sweep, { point, seed }), `${file}:`);
      const resolved = await resolve(value, locate);
      if (sweep.prune) pruning = pruningOf(sweep.prune, resolved, pruning, file);
      const id = idOf(resolved);
      if (!runs.has(id)) runs.set(id, { id, point, seed });
      if (++done % told === 0 || done === total) options.onProgress?.(done, total);
    }
  }
  const { recipe, set, attempts } = sweep;
  const manifest = { folder, recipe, set, attempts, ...(pruning && { prune: pruning }), runs: [...runs.values()] };
  await mkdir(folder, { recursive: true });
  await writeManifest(manifest);
  return { ...manifest, repeated: total - runs.size, notes: source.notes ?? [] };
}

function settingsOfAll(set: Readonly<Record<string, unknown>>): string[] {
  return Object.entries(set).map(([entry, value]) => `${entry}=${JSON.stringify(value)}`);
}

/** The id of a run, from its recipe. */
export function idOf(recipe: Recipe): string {
  return configHash(recipe).slice(0, 16);
}
