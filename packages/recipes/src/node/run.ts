import { join } from 'node:path';
import { classGroups } from '@ltml/data';
import { arePictureFiles } from '@ltml/data/node';
import { decoderVersions } from '@ltml/images/node';
import { checkOptionNames, mixedType } from '@ltml/tensor';
import type { Communicator, Task } from '@ltml/tensor/contract';
import { type FitResult, fit, type Observer } from '@ltml/train';
import { openRunFolder, type RunFolder, type RunFolderOptions } from '@ltml/train/node';
import { epochMetrics } from '../build/epoch-metrics.ts';
import { statisticsWithoutPairs } from '../learner.ts';
import type { WeightsKind } from '../model/model-description.ts';
import { noteOnTexts } from '../parts/unread-words.ts';
import type { Recipe } from '../recipe/recipe.ts';
import { type GroupScores, scoreGroups } from '../score-groups.ts';
import type { BuiltRecipe } from './build.ts';
import { followedFolder } from './followed-folder.ts';
import { scoreTest, type TestScores } from './score-test.ts';
import { describeModel, writeDescription, writeModel } from './write-model.ts';

/** Options of {@link run}. */
export interface RunOptions {
  /** The run folder. It must be new or empty, unless `resume` is set. */
  readonly folder: string;
  /** Continue the run in the folder, or start it if there is none; default false. */
  readonly resume?: boolean;
  /** Refuse to continue a run of another engine; default false, which only warns. */
  readonly sameEngine?: boolean;
  /** Do not compile steps, even if the engine can; default false. */
  readonly eager?: boolean;
  /** Called during training, in addition to the logs of the folder. */
  readonly observers?: readonly Observer[];
  /** Called with the fraction of features computed before training. */
  readonly onFeatures?: (done: number) => void;
  /** Connects the ranks that train together, each with the same recipe. Rank 0 writes the folder. Default: one rank. */
  readonly communicator?: Communicator;
  /** Called for problems that do not stop the run; default `console.warn`. */
  readonly onWarning?: (message: string) => void;
  /** Stops the run. Training stops at a checkpoint. Before or after training, the signal's reason is thrown. */
  readonly signal?: AbortSignal;
}

/** How training ended, and the scores of the test images. */
export interface RunResult extends FitResult {
  /** Left out if the run was stopped. */
  readonly test?: TestResult;
}

/** Results on the test images, which are scored once, at the end. */
export interface TestResult extends TestScores {
  /** mAP of all classes and of each group. */
  readonly mAP: GroupScores;
  /** Which weights were scored; the run's model has the same. */
  readonly weights: WeightsKind;
  /** Which images selected the epoch; left out if no epoch was selected. */
  readonly selection?: Recipe['evaluation']['selection'];
}

/**
 * Runs a recipe: computes features, trains, scores the test images, and stores all results in a run folder, with the
 * model in `model/`. Afterwards the learner has the weights that were scored.
 *
 * @throws OptionError if the folder is in use or holds another run
 * @throws DataError as `fit` does
 */
export async function run(built: BuiltRecipe, options: RunOptions): Promise<RunResult> {
  checkOptionNames('run', options, optionNames);
  const writes = (options.communicator?.rank ?? 0) === 0;
  const { onWarning = console.warn } = options;
  const note = noteOnTexts(built.recipe.method, built.task.classes);
  if (writes && note !== undefined) onWarning(note);
  if (writes && built.recipe.precision === 'mixed' && (options.eager || mixedType() === undefined)) {
    onWarning(
      'precision: mixed computes in float32 here, since the engine has no fast 16-bit floats or steps are eager',
    );
  }
  const open = writes ? openRunFolder : followedFolder;
  const versions = arePictureFiles(built.splits.train.images) ? await decoderVersions() : {};
  const folder = await open(options.folder, { ...folderOptions(built, options), versions });
  try {
    const model = join(options.folder, 'model');
    const description = await describeModel(built);
    await built.inputs.compute(options.onFeatures, options.signal);
    await built.estimatePriors(options.signal);
    // Written at the start of training, so that an unfinished run can be used.
    const describe: Observer = writes ? { onStart: () => writeDescription(model, description) } : {};
    const result = await train(built, folder, describe, options);
    if (result.outcome === 'aborted') return result;
    const weights = weightsKind(result, built);
    if (writes) await writeModel(model, built, description, { kind: weights, step: result.best?.step ?? result.steps });
    const test = await testResult(built, weights, options);
    const { scores, unseen, ...summary } = test;
    const task = wholeTask(built);
    const groups = classGroups(built.splits.protocol, task.statistics.classCounts);
    await folder.writeResults({ result, task, scores, groups, ...(unseen && { unseen }), summary });
    return { ...result, test };
  } finally {
    await folder.close();
  }
}

const optionNames = [
  ...['folder', 'resume', 'sameEngine', 'eager', 'observers'],
  ...['communicator', 'onFeatures', 'onWarning', 'signal'],
];

function folderOptions({ recipe }: BuiltRecipe, options: RunOptions): RunFolderOptions {
  const { resume = false, sameEngine = false, eager = false, onWarning } = options;
  const { checkpointEverySteps } = recipe;
  return {
    config: recipe,
    resume,
    sameEngine,
    eager,
    ...(checkpointEverySteps !== null && { checkpointEverySteps }),
    ...(onWarning && { onWarning }),
  };
}

function train(built: BuiltRecipe, folder: RunFolder, describe: Observer, options: RunOptions): Promise<FitResult> {
  const { recipe, learner, loader, stageLoaders, stages, random, splits, inputs } = built;
  const { every, batchSize, select } = recipe.evaluation;
  const { observers = [], eager = false, communicator, signal } = options;
  return fit({
    learner,
    loader,
    stageLoaders,
    random,
    accumulate: recipe.accumulate,
    stageSteps: Object.fromEntries(stages.map(({ name, steps }) => [name, steps])),
    precision: recipe.precision,
    eager,
    ...(inputs.validation && {
      validation: {
        dataset: inputs.validation,
        every,
        batchSize,
        metrics: epochMetrics(splits.protocol, splits.groups, learner.scores),
      },
    }),
    ...(select && { selection: select }),
    checkpoints: folder.checkpoints,
    observers: [folder.observer, describe, ...observers],
    ...(communicator && { communicator }),
    ...(signal && { signal }),
  });
}

function weightsKind({ best }: FitResult, { learner }: BuiltRecipe): WeightsKind {
  if (best) return 'best';
  return learner.stages.at(-1)?.averageDecay === undefined ? 'last' : 'averaged';
}

async function testResult(built: BuiltRecipe, weights: WeightsKind, options: RunOptions): Promise<TestResult> {
  const { signal, communicator } = options;
  const { recipe, learner, task, splits, inputs } = built;
  const { batchSize, select, selection } = recipe.evaluation;
  const scored = await scoreTest(learner, { method: recipe.method, task }, inputs.test, {
    batchSize,
    ...(signal && { signal }),
    ...(communicator && { communicator }),
  });
  return { mAP: scoreGroups(scored.scores, splits.groups), weights, ...(select && { selection }), ...scored };
}

/** The classes of the test images, with counts of the whole training set, by which they are grouped. */
function wholeTask({ task, splits }: BuiltRecipe): Task {
  const { classes } = splits.test;
  const classCounts = classes.map((_, c) => splits.classCounts[c] ?? 0);
  return { classes, statistics: statisticsWithoutPairs(task.statistics.trainCount, classCounts) };
}
