import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { build, FeatureStore, type Recipe, readRecipe, resolve, run } from '@ltml/recipes/node';
import { OptionError } from '@ltml/tensor';
import { writeFileAtomically } from '@ltml/tensor/node';
import type { Observer } from '@ltml/train';
import { configHash } from '@ltml/train/node';
import { measures } from './measures/measures.ts';
import { isFinished, readRun, recipeOfRun } from './run-record.ts';
import { recipeOf, type Suite, type SuiteRow } from './suite.ts';
import { runFolderOf } from './suite-result.ts';

/** A suite and the file that its recipes are found from. */
export interface SuiteSource {
  readonly suite: Suite;
  readonly file: string;
}

export interface RunSuitesOptions {
  /** Of the results: a folder for each suite. */
  readonly folder: string;
  /** Changes of every recipe, `key=value`; see `readRecipe`. */
  readonly settings?: readonly string[];
  /** What frozen encoders make of the images; left out, the rows of each suite share it, and nothing is kept. */
  readonly features?: FeatureStore;
  /** Told how far the work is, in [0, 1], and what it is at. */
  readonly onProgress?: (done: number, at: string) => void;
  /** Told of each run that has finished, and of each that had before. */
  readonly onRun?: (run: FinishedRun) => void;
  /** Told of what is wrong and stops nothing. */
  readonly onWarning?: (message: string) => void;
  /** Stops between two steps, with a checkpoint and the signal's reason as the error. */
  readonly signal?: AbortSignal;
}

export interface FinishedRun {
  readonly suite: Suite;
  readonly title: string;
  readonly seed: number;
  /** Left out of a preparation, which is in no table. */
  readonly measures?: Readonly<Record<string, number>>;
  /** Of training. */
  readonly seconds: number;
  /** Of the whole work, in [0, 1]. */
  readonly done: number;
  /** Whether it was in the folder already. */
  readonly already: boolean;
}

/**
 * Runs every recipe of suites with every seed, each into a run folder `<suite>/<row>/seed-<n>`. Runs that have finished are
 * not done again, and one that was stopped goes on from its checkpoint: a suite that was killed is called again.
 *
 * @throws UsageError for a mistake in a recipe; OptionError if a folder holds a run of another recipe
 */
export async function runSuites(sources: readonly SuiteSource[], options: RunSuitesOptions): Promise<void> {
  const { folder, onProgress = () => {}, onRun = () => {} } = options;
  const plans = sources.map((source) => ({ ...source, runs: plannedRuns(source, options) }));
  const missing = plans.flatMap(({ suite, runs }) => runs.filter((each) => !isFinished(each.folder)).map(() => suite));
  const whole = missing.reduce((sum, { seconds }) => sum + seconds, 0);
  let spent = 0;
  for (const { suite, runs } of plans) {
    const path = join(folder, suite.name);
    await mkdir(path, { recursive: true });
    await writeFileAtomically(join(path, 'suite.json'), [`${JSON.stringify(suite, null, 2)}\n`]);
    const features = options.features ?? new FeatureStore();
    for (const planned of runs) {
      const already = isFinished(planned.folder);
      const at = `${planned.title}, seed ${planned.seed}`;
      if (already) checkSame(planned);
      else {
        await runPlanned(planned, features, options, (part) => onProgress((spent + part * suite.seconds) / whole, at));
        spent += suite.seconds;
      }
      onRun({ ...finishedRun(planned, suite), done: whole > 0 ? spent / whole : 1, already });
    }
  }
}

function finishedRun({ row, title, seed, folder }: PlannedRun, suite: Suite): Omit<FinishedRun, 'done' | 'already'> {
  const record = readRun(folder, row);
  const isRow = Object.hasOwn(suite.rows, row);
  return {
    suite,
    title,
    seed,
    seconds: record.seconds,
    ...(isRow && { measures: measures[suite.measures].of(record) }),
  };
}

/** A run that is to be done. */
export interface PlannedRun {
  readonly row: string;
  readonly title: string;
  readonly seed: number;
  readonly folder: string;
  readonly recipe: Recipe;
  readonly locate: ReturnType<typeof readRecipe>['locate'];
}

/** The runs of a suite, seed by seed; every recipe is checked. */
export function plannedRuns(
  { suite, file }: SuiteSource,
  { folder, settings = [] }: Pick<RunSuitesOptions, 'folder' | 'settings'>,
): readonly PlannedRun[] {
  const path = join(folder, suite.name);
  const needed = new Set(Object.values(suite.rows).map(({ encoder }) => encoder));
  const preparations = Object.entries(suite.preparations).filter(([name]) => needed.has(name));
  const plan = (row: string, seed: number, entry: Pick<SuiteRow, 'recipe'> & Partial<SuiteRow>): PlannedRun => {
    const { encoder, title = row } = entry;
    const weights =
      encoder === undefined ? [] : [`encoder.weights=${JSON.stringify(runFolderOf(path, encoder, seed))}`];
    const { value, locate } = readRecipe(recipeOf(file, entry), [...settings, `seed=${seed}`, ...weights]);
    return { row, title, seed, folder: runFolderOf(path, row, seed), recipe: resolve(value, locate), locate };
  };
  return suite.seeds.flatMap((seed) => [
    ...preparations.map(([name, entry]) => plan(name, seed, entry)),
    ...Object.entries(suite.rows).map(([row, entry]) => plan(row, seed, entry)),
  ]);
}

async function runPlanned(
  { folder, recipe, locate }: PlannedRun,
  features: FeatureStore,
  { onWarning, signal }: RunSuitesOptions,
  onProgress: (done: number) => void,
): Promise<void> {
  let steps = 1;
  const observer: Observer = {
    onStart({ totalSteps }) {
      steps = totalSteps;
    },
    onStep: ({ step }) => onProgress(step / steps),
  };
  const built = await build(recipe, { locate, features });
  try {
    const result = await run(built, {
      folder,
      resume: true,
      observers: [observer],
      onFeatures: () => onProgress(0),
      ...(onWarning && { onWarning }),
      ...(signal && { signal }),
    });
    if (!result.test) signal?.throwIfAborted();
  } finally {
    built.dispose();
  }
}

/** @throws OptionError if a finished run is one of another recipe */
function checkSame({ folder, recipe }: PlannedRun): void {
  const stored = recipeOfRun(folder);
  if (configHash(comparable(stored)) === configHash(comparable(recipe))) return;
  throw new OptionError({
    where: 'runSuites',
    argument: 'options.folder',
    expected: `runs of these recipes in ${folder}`,
    received: 'a run of another one',
    hint: 'Take another folder for changed recipes.',
  });
}

/** With `steps`, what a method counts in epochs is scaled when the run is built. */
function comparable({ method, ...recipe }: Recipe): object {
  return recipe.steps === null ? { ...recipe, method } : recipe;
}
