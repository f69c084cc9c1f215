import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { type PublishedRow, type Recipe, type RecipeSource, resolve, rowRecipe, rowsNamed } from '@ltml/recipes/node';
import { configHash } from '@ltml/train/node';
import type { ReproduceOptions } from './reproduce.ts';

/** A run of a row with a seed. */
export interface RowRun {
  readonly row: PublishedRow;
  readonly seed: number;
  readonly source: RecipeSource;
  readonly recipe: Recipe;
  readonly folder: string;
}

/** What is to be trained. @throws UsageError for a name of no row, and by place for a setting that is wrong */
export async function planRuns(name: string, options: ReproduceOptions): Promise<readonly RowRun[]> {
  const { data, weights, vectors, scale, set: settings, out = join('runs', 'reproduce') } = options;
  const runs: RowRun[] = [];
  for (const row of rowsNamed(name)) {
    for (let seed = 1; seed <= options.seeds; seed++) {
      const source = rowRecipe(row, { data, weights, vectors, scale, seed, settings });
      const recipe = await resolve(source.value, source.locate);
      const ofScale = scale === undefined ? row.name : join(`scale-${scale}`, row.name);
      runs.push({ row, seed, source, recipe, folder: join(out, ofScale, `seed-${seed}`) });
    }
  }
  return runs;
}

/** Whether the run has finished, and by the same recipe. */
export function isDone({ folder, recipe }: RowRun): boolean {
  if (!existsSync(join(folder, 'summary.json'))) return false;
  try {
    return configHash(JSON.parse(readFileSync(join(folder, 'config.json'), 'utf8'))) === configHash(recipe);
  } catch {
    // Broken: whoever goes on with the run says how.
    return false;
  }
}
