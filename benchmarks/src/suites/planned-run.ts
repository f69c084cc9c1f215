import { join } from 'node:path';
import { filledRecipe, type Recipe, type RunOrder, readRecipe, resolve } from '@ltml/recipes/node';
import { OptionError } from '@ltml/tensor';
import { configHash } from '@ltml/train/node';
import { recipeOfRun } from './run-record.ts';
import { recipeOf, type Suite, type SuiteRow } from './suite.ts';
import { runFolderOf } from './suite-result.ts';

/** A suite with its file. Recipe paths are relative to this file. */
export interface SuiteSource {
  readonly suite: Suite;
  readonly file: string;
}

/** A planned run of a suite. */
export interface PlannedRun extends RunOrder {
  readonly suite: Suite;
  readonly row: string;
  readonly title: string;
  readonly seed: number;
  /** The resolved recipe. */
  readonly resolved: Recipe;
  /** Folder of another run, whose trained network is the encoder of this one. */
  readonly needs?: string | undefined;
}

/** Options of {@link plannedRuns}. */
export interface PlanOptions {
  /** Folder for the results. It gets a folder for each suite. */
  readonly folder: string;
  /** Changes to every recipe, as `key=value`; see `readRecipe`. */
  readonly settings?: readonly string[];
}

/** The runs of a suite, seed by seed. Checks every recipe. */
export async function plannedRuns(
  { suite, file }: SuiteSource,
  { folder, settings = [] }: PlanOptions,
): Promise<readonly PlannedRun[]> {
  const path = join(folder, suite.name);
  const needed = new Set(Object.values(suite.rows).map(({ encoder }) => encoder));
  const preparations = Object.entries(suite.preparations).filter(([name]) => needed.has(name));
  const plan = async (
    row: string,
    seed: number,
    entry: Pick<SuiteRow, 'recipe'> & Partial<SuiteRow>,
  ): Promise<PlannedRun> => {
    const { encoder, set = [], title = row } = entry;
    const needs = encoder === undefined ? undefined : runFolderOf(path, encoder, seed);
    const weights = needs === undefined ? [] : [`encoder.run=${JSON.stringify(needs)}`];
    const recipe = { file: recipeOf(file, entry), settings: [...set, ...settings, `seed=${seed}`, ...weights] };
    const { value, locate } = readRecipe(recipe.file, recipe.settings);
    const resolved = await resolve(value, locate);
    const to = runFolderOf(path, row, seed);
    return { suite, group: suite.name, row, title, seed, folder: to, recipe, resolved, needs };
  };
  const entries = [...preparations, ...Object.entries(suite.rows)];
  return Promise.all(suite.seeds.flatMap((seed) => entries.map(([name, entry]) => plan(name, seed, entry))));
}

/** Checks that a finished run has the planned recipe. @throws OptionError */
export async function checkSame({ folder, resolved }: PlannedRun): Promise<void> {
  if (configHash(recipeOfRun(folder)) === configHash(await filledRecipe(resolved))) return;
  throw new OptionError({
    where: 'runSuites',
    argument: 'options.folder',
    expected: `runs of these recipes in ${folder}`,
    received: 'a run of another recipe',
    hint: 'Use another folder for changed recipes.',
  });
}
