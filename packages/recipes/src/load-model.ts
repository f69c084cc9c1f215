import { existsSync } from 'node:fs';
import { join } from 'node:path';
import type { ChannelStatistics, Pipeline } from '@ltml/images';
import { importState, RandomStreams } from '@ltml/tensor';
import type { Learner, Task } from '@ltml/tensor/contract';
import { type FrequencyGroups, frequencyGroups } from '@ltml/tensor/labels';
import * as tf from '@tensorflow/tfjs-core';
import { viewOf } from './build/features.ts';
import { buildLearner, statisticsWithoutPairs } from './learner.ts';
import {
  type Calibration,
  encoderPrefix,
  learnerPrefix,
  type Thresholds,
  type WeightsKind,
} from './model/model-bundle.ts';
import type { ModelRecipe } from './model/model-recipe.ts';
import { readDescription } from './model/read-description.ts';
import { type LoadModelOptions, readWeights, under } from './model/read-weights.ts';
import { encoders } from './parts/encoders.ts';
import { methods } from './parts/methods.ts';
import type { NamedPart } from './parts/part.ts';
import { statisticsOf } from './parts/pictures.ts';
import { UsageError } from './usage-error.ts';

/** What a run learned, ready to be used. */
export interface Model {
  readonly recipe: ModelRecipe;
  /** What it was trained on, to find the test images by. */
  readonly data: NamedPart;
  readonly classes: readonly string[];
  readonly task: Task;
  /** Head, medium and tail classes by the whole training set. */
  readonly groups: FrequencyGroups;
  /** Of the training set, see `groups`. */
  readonly classCounts: readonly number[];
  /** How a picture becomes what {@link encode} takes. */
  readonly pipeline: Pipeline;
  /** Of the pipeline: by which levels 0 to 255 are normalised. */
  readonly statistics: ChannelStatistics;
  /** Of what the pipeline gives. */
  readonly imageSize: readonly [height: number, width: number];
  /** From which score on a class is present; null if nothing was chosen. */
  readonly thresholds: Thresholds | null;
  /** By which scores become probabilities; null if it was not fitted. */
  readonly calibration: Calibration | null;
  /** Which weights these are. */
  readonly weights: WeightsKind;
  /** In evaluation mode. */
  readonly learner: Learner;
  /** What the learner takes in, of normalised images [B, H, W, 3]: themselves, or a view of the frozen encoder. */
  encode(images: tf.Tensor): tf.Tensor;
  dispose(): void;
}

/**
 * Loads what a run learned: the weights that its scores were computed with. Neither training data nor other files of the
 * recipe are needed. A run that has not finished gives its newest checkpoint, with averaged weights where it averages.
 *
 * @param folder of a run, or of a model
 * @throws UsageError if there is no model; DataError if its files are broken or do not fit
 */
export async function loadModel(folder: string, options: LoadModelOptions = {}): Promise<Model> {
  const inRun = existsSync(join(folder, 'model', 'model.json'));
  const bundle = inRun ? join(folder, 'model') : folder;
  const description = readDescription(join(bundle, 'model.json'), folder);
  const { tensors, kind } = await readWeights(folder, bundle, description, options);
  const { recipe, classes, pictures, thresholds, calibration, training, embeddingWidth } = description;
  const statistics = statisticsOf(pictures.pipeline);
  const random = new RandomStreams(recipe.seed);
  const encoder = await encoders.create(recipe.encoder, random.stream('init'));
  const task = { classes, statistics: statisticsWithoutPairs(training.images, training.classCounts) };
  const learner = await buildLearner(recipe, {
    task,
    encoder: { ...encoder, statistics },
    random,
    loss: { criterion: untrained, reduction: 'mean', scores: description.scores, softLabels: true },
    train: untrained,
    ...(embeddingWidth !== undefined && { embeddings: tf.zeros<tf.Rank.R2>([classes.length, embeddingWidth]) }),
  });
  const frozen = recipe.frozen ? encoder.network.eval() : undefined;
  const dispose = (): void => {
    frozen?.dispose();
    learner.dispose();
  };
  try {
    importState(learner, under(tensors, learnerPrefix));
    const ofEncoder = under(tensors, encoderPrefix);
    if (frozen && ofEncoder.size > 0) importState(frozen, ofEncoder);
  } catch (error) {
    dispose();
    throw error;
  }
  learner.eval();
  const view = methods[recipe.method.name].needs.view;
  return {
    recipe,
    data: training.data,
    classes,
    task,
    groups: frequencyGroups(training.groupCounts),
    classCounts: training.groupCounts,
    pipeline: pictures.pipeline,
    statistics,
    imageSize: [pictures.height, pictures.width],
    thresholds,
    calibration,
    weights: kind,
    learner,
    encode: (images) => (frozen ? viewOf(frozen, view, images) : tf.clone(images)),
    dispose,
  };
}

function untrained(): never {
  throw new UsageError('a model is not trained further');
}
