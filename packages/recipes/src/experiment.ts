import { BatchLoader, type Dataset, imageInputs, type Sampler, UniformSampler } from '@ltml/data';
import { normalize } from '@ltml/images';
import { RandomStreams } from '@ltml/tensor';
import type { Encoder, Learner, Task } from '@ltml/tensor/contract';
import { classStatistics, type FrequencyGroups, frequencyGroups } from '@ltml/tensor/labels';
import type { TrainLoader } from '@ltml/train';
import type { Experiment } from './config/experiment.ts';
import type { ConfigSource } from './config/source.ts';
import { checkMemory, type KeptFeatures, keptFeatures } from './features.ts';
import { holdOut } from './hold-out.ts';
import { buildLearner, tryLoss } from './learner.ts';
import { type Augmentation, augmentationTransforms, statisticsOf } from './parts/augmentation.ts';
import { backbones, type LoadedBackbone } from './parts/backbones.ts';
import { datasets, type ImageSet, type ValidationConfig } from './parts/datasets.ts';
import { methods } from './parts/methods.ts';
import { samplers } from './parts/samplers.ts';
import { withSteps } from './steps.ts';
import { EntryError, UsageError } from './usage-error.ts';

/** A stage of training, and how long it is. */
export interface PlannedStage {
  readonly name: string;
  readonly epochs: number;
  /** Optimiser steps. */
  readonly steps: number;
  /** Draws of an image in an epoch. */
  readonly imagesPerEpoch: number;
}

/** An experiment with everything built, ready for `fit` and `evaluate` once its features are computed. */
export interface BuiltExperiment {
  /** The configuration as it trains: with `steps`, its epochs are scaled. */
  readonly config: Experiment;
  readonly learner: Learner;
  readonly loader: TrainLoader;
  /** Of stages that see pictures in another way than the first. */
  readonly stageLoaders: Readonly<Record<string, TrainLoader>>;
  readonly random: RandomStreams;
  readonly task: Task;
  readonly backbone: LoadedBackbone;
  /** The encoder, where it rests and its features are kept. */
  readonly frozen: Encoder | undefined;
  readonly stages: readonly PlannedStage[];
  /** [C] training images of each class, those that are held out included. */
  readonly classCounts: readonly number[];
  /** By `classCounts`, so that they do not hang on what is held out. */
  readonly groups: FrequencyGroups;
  /** Pictures of training, height and width. */
  readonly imageSize: readonly [height: number, width: number];
  /** What epochs are compared by: held out of training, or the test images if the configuration says so; null without. */
  readonly validation: Dataset | null;
  readonly test: Dataset;
  /** Bytes of the features that {@link computeFeatures} keeps. */
  readonly featureBytes: number;
  /**
   * Computes the features that are kept, if any are; before that nothing but their shape is known.
   *
   * @param onProgress told how far it is, in [0, 1]
   * @param signal ends the work between two batches, with its reason as the error
   */
  computeFeatures(onProgress?: (done: number) => void, signal?: AbortSignal): Promise<void>;
  dispose(): void;
}

/**
 * Builds the parts that a configuration names, and checks that they go together; nothing long is done yet.
 *
 * @param source of the configuration, to tell lines of it
 * @throws UsageError if the parts do not go together, or the features need more memory than they may
 */
export async function buildExperiment(
  config: Experiment,
  source?: Pick<ConfigSource, 'locate'>,
): Promise<BuiltExperiment> {
  try {
    return await build(config);
  } catch (error) {
    if (!(error instanceof EntryError)) throw error;
    const place = source ? `${source.locate(error.entry.split('.'))}: ` : '';
    throw new UsageError(`${place}${error.entry}: ${error.message}`);
  }
}

async function build(given: Experiment): Promise<BuiltExperiment> {
  const random = new RandomStreams(given.seed);
  const { batchSize, dropLast, accumulate, evaluation } = given;
  const whole = await datasets.create(given.data, undefined);
  const validationConfig = given.data.validation as ValidationConfig | null;
  const { train: trainSet, validation: heldOut } =
    validationConfig && evaluation.selection === 'validation'
      ? holdOut(whole.train, validationConfig)
      : { train: whole.train, validation: undefined };
  const { classCounts } = classStatistics(whole.train.labels);
  const groups = frequencyGroups(classCounts);
  checkMetric(given, groups);
  if (given.evaluation.select && evaluation.selection === 'validation' && !heldOut?.labels.rows) {
    throw new EntryError('no image is held out to select by: raise data.validation.share', 'evaluation.select');
  }
  const task: Task = {
    classes: trainSet.classes,
    statistics: classStatistics(trainSet.labels, { classNames: trainSet.classes }),
  };
  if (given.loss) tryLoss(given.loss, task);

  const loaded = await backbones.create(given.backbone, random.stream('init'));
  const backbone = { ...loaded, statistics: statisticsOf(given.normalization, loaded.statistics) };
  const method = methods[given.method.name];
  const frozen = given.cachedViews === null ? undefined : backbone.encoder.eval();
  const kept: KeptFeatures[] = [];
  const datasetOf = (set: ImageSet, augment?: Augmentation): Dataset => {
    const pictures = asDataset(set, backbone, augment);
    if (!frozen) return pictures;
    const views = augment ? (given.cachedViews as number) : 0;
    const features = keptFeatures(pictures, { encoder: frozen, view: method.reads, views, random });
    kept.push(features);
    return features.dataset;
  };
  const train = datasetOf(trainSet, given.augment);
  const validation = heldOut?.labels.rows ? datasetOf(heldOut) : null;
  const test = datasetOf(whole.test);
  const featureBytes = kept.reduce((sum, { bytes }) => sum + bytes, 0);
  checkMemory(featureBytes, given.cacheLimit);

  const loaderOf = (dataset: Dataset, sampler: Sampler): BatchLoader => {
    const { epochLength } = sampler;
    if (!dropLast || epochLength >= batchSize) {
      return new BatchLoader({ dataset, sampler, batchSize, dropLast, random });
    }
    throw new EntryError(
      `${batchSize} with dropLast leaves no batch of an epoch of ${epochLength} images`,
      'batchSize',
    );
  };
  const sampler = samplers.create(given.sampler, { labels: train.labels, random: random.stream('shuffle') });
  const usual = loaderOf(train, sampler);
  const uniform = (): Sampler => new UniformSampler({ length: train.labels.rows, random: random.stream('views') });
  // The first stage of a method with views sees every picture once an epoch; the others draw as the configuration says.
  const plain = method.views && loaderOf(train, uniform());
  const draws = method.stages.map((_, i) =>
    i === 0 && plain
      ? { loader: plain, imagesPerEpoch: drawn(train.labels.rows, batchSize, dropLast) }
      : { loader: usual, imagesPerEpoch: drawn(sampler.epochLength, batchSize, dropLast) },
  );
  const stepsPerEpoch = draws.map(({ loader }) => Math.ceil(loader.batchesPerEpoch / accumulate));
  const config = given.steps === null ? given : scaleTo(given, given.steps, stepsPerEpoch);

  const learner = await buildLearner(config, { task, backbone, random, train: () => train });
  const dispose = (): void => {
    frozen?.dispose();
    learner.dispose();
  };
  // Stages of no epochs are left out by methods, so that names are told by the learner.
  const planned = draws.filter((_, i) => lengthOf(config, i) > 0);
  const stages = learner.stages.map(({ name, epochs }, i) => ({
    name,
    epochs,
    steps: epochs * Math.ceil(planned[i].loader.batchesPerEpoch / accumulate),
    imagesPerEpoch: planned[i].imagesPerEpoch,
  }));
  const { images } = trainSet;
  const built = {
    config,
    learner,
    random,
    task,
    backbone,
    frozen,
    stages,
    classCounts,
    groups,
    imageSize: [images.height, images.width] as const,
    validation: evaluation.selection === 'published' ? test : validation,
    test,
    featureBytes,
    async computeFeatures(onProgress: (done: number) => void = () => {}, signal?: AbortSignal) {
      let done = 0;
      for (const { bytes, fill } of kept) {
        await fill((share) => onProgress((done + share * bytes) / featureBytes), signal);
        done += bytes;
      }
    },
    dispose,
  };
  if (!method.views) return { ...built, loader: usual, stageLoaders: {} };
  const inputs = method.views(learner, images, { statistics: backbone.statistics, mirror: config.augment.flip });
  const later = learner.stages.slice(1).map(({ name }) => [name, usual] as const);
  return { ...built, loader: loaderOf({ ...train, inputs }, uniform()), stageLoaders: Object.fromEntries(later) };
}

/** The configuration with the epochs that make so many steps. */
function scaleTo(config: Experiment, steps: number, stepsPerEpoch: readonly number[]): Experiment {
  const { method } = config;
  return {
    ...config,
    method: { ...method, options: withSteps(methods[method.name], method.options, steps, stepsPerEpoch) },
  };
}

/** Epochs of a stage of the method. */
function lengthOf({ method }: Experiment, stage: number): number {
  const [path] = methods[method.name].stages[stage];
  return path.split('.').reduce<unknown>((at, key) => (at as Record<string, unknown>)[key], method.options) as number;
}

function drawn(length: number, batchSize: number, dropLast: boolean): number {
  return dropLast ? length - (length % batchSize) : length;
}

/** @throws UsageError if the metric that is selected by is of a group without classes */
function checkMetric({ evaluation: { select } }: Experiment, groups: FrequencyGroups): void {
  if (!select) return;
  const occupied = Object.entries(groups).filter(([, classes]: [string, readonly number[]]) => classes.length > 0);
  const names = ['mAP', ...occupied.map(([group]) => `mAP/${group}`)];
  if (names.includes(select.metric)) return;
  const message = `"${select.metric}" is of no class of this data set; there are ${names.join(', ')}`;
  throw new EntryError(message, 'evaluation.select.metric');
}

export function asDataset(
  { name, classes, labels, images }: ImageSet,
  backbone: Pick<LoadedBackbone, 'statistics'>,
  augment?: Augmentation,
): Dataset {
  const transforms = [...(augment ? augmentationTransforms(augment) : []), normalize(backbone.statistics)];
  return { name, classes, labels, inputs: imageInputs(images, transforms) };
}
