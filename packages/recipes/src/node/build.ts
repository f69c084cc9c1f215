import { totalmem } from 'node:os';
import type { PicturePipelines } from '@ltml/images';
import { checkOptionNames, RandomStreams } from '@ltml/tensor';
import type { Encoder, Learner, Method, Task } from '@ltml/tensor/contract';
import { bindLoss } from '../build/bind-loss.ts';
import { checkImageSize, cropsOfPipeline } from '../build/check-image-size.ts';
import { checkMix } from '../build/check-mix.ts';
import { checkSelect } from '../build/check-select.ts';
import { checkUnseen } from '../build/check-unseen.ts';
import { drawsOf } from '../build/draws.ts';
import { encoderOf } from '../build/encoder.ts';
import type { FeatureStore } from '../build/feature-store.ts';
import { type Inputs, inputsOf } from '../build/inputs.ts';
import { type Loaders, loadersOf } from '../build/loaders.ts';
import { rememberLoss } from '../build/loss-state.ts';
import { misfit } from '../build/misfit.ts';
import { type PlannedStage, plannedStages } from '../build/planned-stages.ts';
import { checkSingleLabels, type Splits, splitsOf, taskOf } from '../build/splits.ts';
import { lengthsOf } from '../build/steps.ts';
import { buildLearner } from '../learner.ts';
import { encodingOf } from '../model/encoding-of.ts';
import { modelRecipeOf } from '../model/model-recipe.ts';
import type { LoadedEncoder } from '../parts/encoders.ts';
import { methods } from '../parts/methods.ts';
import { pictures } from '../parts/pictures.ts';
import { statisticsOf } from '../parts/statistics-of.ts';
import { isFrozen } from '../recipe/is-frozen.ts';
import type { Recipe } from '../recipe/recipe.ts';
import type { Locate } from '../recipe/source.ts';
import { tellPlace } from '../recipe/tell-place.ts';
import { EntryError } from '../usage-error.ts';
import { ClipTowers } from './clip-towers.ts';
import { dataFiles } from './data-files.ts';
import { featureFinder } from './features/find-features.ts';
import { filledRecipe } from './filled-recipe.ts';
import { learnerSources } from './learner-sources.ts';
import { loadNetwork } from './load-network.ts';
import { picturePool } from './picture-pool.ts';
import { picturesOf, viewsOf } from './pictures.ts';
import { checkPriorsRun, priorsOfRun } from './priors-of-run.ts';

/** A recipe with all its parts built. It is ready for `run`, and for `fit` after its features are computed. */
export interface BuiltRecipe extends Loaders {
  /** The recipe with all defaults filled in. `stages` has the lengths of training. */
  readonly recipe: Recipe;
  /** The method that the recipe names. */
  readonly method: Method;
  /** The learner, with its initial weights. */
  readonly learner: Learner;
  /** Random streams of the run. */
  readonly random: RandomStreams;
  /** Classes and label statistics of training. */
  readonly task: Task;
  /** Training, validation and test images. */
  readonly splits: Splits;
  /** Pipelines of training and test pictures. */
  readonly pipelines: PicturePipelines;
  /** The learner's inputs of each split. */
  readonly inputs: Inputs;
  /** The stages that train, with their lengths. */
  readonly stages: readonly PlannedStage[];
  /** The encoder, and the images that it expects. */
  readonly encoder: LoadedEncoder;
  /** The encoder, if it is frozen and its features are stored. */
  readonly frozen: Encoder | undefined;
  /** The CLIP that is the teacher and reads labels, for methods that need one. */
  readonly clip: ClipTowers;
  /** Call before training: estimates class priors for the loss from a finished run, if the recipe says so. */
  estimatePriors(signal?: AbortSignal): Promise<void>;
  /** Ends threads, closes files and frees tensors. */
  dispose(): void;
}

/** Options of {@link build}. */
export interface BuildOptions {
  /** Gives the place of an entry for messages; see `readRecipe`. */
  readonly locate?: Locate | undefined;
  /** Store of features of frozen encoders that runs of one process share. */
  readonly features?: FeatureStore | undefined;
  /** Threads that read pictures from files; 0: the calling thread reads them. */
  readonly workers?: number;
}

/**
 * Builds the parts that a recipe names and checks that they fit together. It does no long work yet.
 *
 * Threads read pictures from files: `workers` of them, by default one less than the number of cores but at least one,
 * and none for few pictures. Results do not depend on their number. `dispose` ends them.
 *
 * @throws UsageError if the parts do not fit together, or the features need too much memory
 */
export async function build(recipe: Recipe, options: BuildOptions = {}): Promise<BuiltRecipe> {
  checkOptionNames('build', options, ['locate', 'features', 'workers']);
  return tellPlace(options.locate, () => buildParts(recipe, options));
}

async function buildParts(written: Recipe, { features: store, workers }: BuildOptions): Promise<BuiltRecipe> {
  const method = await methods[written.method.name]();
  const given = await filledRecipe(written);
  const random = new RandomStreams(given.seed);
  const splits = await splitsOf(given, dataFiles);
  const task = taskOf(splits.train);
  if (method.needs.labels === 'single') checkSingleLabels(method.name, splits.train);
  const loss = given.loss && bindLoss(given.loss, task);
  if (loss?.priors) await checkPriorsRun(loss.priors.run, task.classes);
  if (given.loss && loss?.scores === 'softmax') checkSingleLabels(given.loss.name, splits.train);
  const pool = picturePool(splits.train.images.length, workers);
  const encoder = await encoderOf(given, random, loadNetwork);
  const clip = new ClipTowers(given.method.clip, given.seed);
  let learner: Learner | undefined;
  try {
    const { size = null } = splits.train.images;
    const pipelines = await pictures.create(given.pictures, { ...encoder, size });
    const [tall, width] = picturesOf(splits.test, pipelines.test).inputs.shape;
    const height = tall / cropsOfPipeline(pipelines.test, method.needs);
    checkImageSize(encoder, [height, width]);
    const inputs = await inputsOf(given, splits, {
      pipelines,
      encoder: encoder.network,
      encodings: method.needs.encodings,
      store,
      pictures: (set, pipeline) => picturesOf(set, pipeline, pool),
      findFeatures: given.features
        ? featureFinder(given.features.dir, given.encoder, encoder.network, method.needs.encodings)
        : async () => undefined,
      memory: totalmem(),
    });
    const possible = drawsOf(given, method, splits.train.labels, random);
    const { recipe, stageSteps } = lengthsOf(given, method, possible);
    // The learner leaves out stages of 0 epochs. A method that trains nothing gets a loader, too.
    const trained = stageSteps.flatMap((steps, i) => (steps > 0 ? [i] : []));
    const draws = trained.length > 0 ? trained.map((i) => possible[i]) : possible.slice(0, 1);
    const ofModel = modelRecipeOf(recipe);
    if (!isFrozen(given)) encodingOf(encoder.network, method.needs.encodings, [height, width, 3]);
    const made = await buildLearner(ofModel, {
      method,
      task,
      encoder,
      random,
      train: () => inputs.train,
      sources: learnerSources(ofModel, task, clip, [height, width]),
      ...(loss && { loss }),
    }).catch((error: unknown) => {
      throw misfit(error);
    });
    learner = made;
    if (loss?.criterion.state) rememberLoss(made, loss.criterion.state);
    checkUnseen(made, recipe.method, task, splits.test.classes);
    checkSelect(recipe, splits, made.scores);
    checkMix(recipe, made, loss, task.statistics);
    const sizes = made.stages.find(({ views: ofStage }) => ofStage)?.views;
    if (pipelines.patchBoxes && !sizes) throw new EntryError(`${method.name} does not use patches`, 'pictures.patches');
    const mirror = pipelines.train.some(({ name }) => name === 'horizontalFlip');
    const seen = { statistics: statisticsOf(pipelines.test), mirror };
    const drawn = pipelines.views && {
      views: pipelines.views.boxes,
      queryColours: pipelines.views.query,
      keyColours: pipelines.views.key,
    };
    const ofPatches = pipelines.patchBoxes && { patchBoxes: pipelines.patchBoxes };
    const views = sizes && viewsOf(splits.train, { ...sizes, ...seen, ...drawn, ...ofPatches }, pool);
    const frozen = isFrozen(recipe) ? encoder.network : undefined;
    return {
      recipe: given,
      method,
      learner: made,
      random,
      task,
      splits,
      pipelines,
      inputs,
      stages: plannedStages(
        made,
        draws,
        trained.map((i) => stageSteps[i]),
      ),
      ...loadersOf(recipe, made, { draws, train: inputs.train, views, random }),
      encoder,
      frozen,
      clip,
      async estimatePriors(signal) {
        if (loss?.priors) loss.priors.take(await priorsOfRun(loss.priors.run, splits.train, signal));
      },
      dispose() {
        void pool.close();
        void inputs.close();
        clip.dispose();
        frozen?.dispose();
        made.dispose();
      },
    };
  } catch (error) {
    if (!learner) loss?.criterion.state?.dispose();
    learner?.dispose();
    clip.dispose();
    if (!learner || isFrozen(given)) encoder.network.dispose();
    void pool.close();
    throw error;
  }
}
