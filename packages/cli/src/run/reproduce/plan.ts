import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { type PublishedRow, type Recipe, type RecipeSource, resolve, rowRecipe, rowsNamed } from '@ltml/recipes/node';
import { writeFileAtomically } from '@ltml/tensor/node';
import { configHash } from '@ltml/train/node';
import type { ReproduceOptions } from './options.ts';

/** A run of a row with one seed. */
export interface RowRun {
  readonly row: PublishedRow;
  readonly seed: number;
  readonly source: RecipeSource;
  readonly recipe: Recipe;
  readonly folder: string;
}

/** Lists the runs to train. @throws UsageError for an unknown row, or a wrong setting (with its place) */
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

/** Writes into the folder of a finished run which row it is, and the hash of its recipe. */
export async function noteDone({ row, folder, recipe }: RowRun): Promise<void> {
  const note = { row: row.name, recipe: configHash(recipe) };
  await writeFileAtomically(join(folder, 'row.json'), [`${JSON.stringify(note)}\n`]);
}

/** Whether the run has finished with the same recipe. */
export function isDone({ folder, recipe }: RowRun): boolean {
  const file = join(folder, 'row.json');
  if (!existsSync(file) || !existsSync(join(folder, 'summary.json'))) return false;
  try {
    const { recipe: hash } = JSON.parse(readFileSync(file, 'utf8')) as { readonly recipe?: unknown };
    return hash === configHash(recipe);
  } catch {
    // A damaged file: train the run again.
    return false;
  }
}
