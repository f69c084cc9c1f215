import { BatchLoader, type Dataset, imageInputs, normalize, type Sampler, UniformSampler } from '@ltml/data';
import { RandomStreams } from '@ltml/tensor';
import type { Encoder, Learner, Task } from '@ltml/tensor/contract';
import { classStatistics, type FrequencyGroups, frequencyGroups } from '@ltml/tensor/labels';
import { cacheFeatures, type TrainLoader } from '@ltml/train';
import * as tf from '@tensorflow/tfjs-core';
import type { Experiment } from './config/experiment.ts';
import { type Augmentation, augmentationTransforms, statisticsOf } from './parts/augmentation.ts';
import { backbones, type EncoderView, encodeView, type LoadedBackbone } from './parts/backbones.ts';
import { classEmbeddings } from './parts/class-embeddings.ts';
import { datasets, type ImageSet, type ImageSplits } from './parts/datasets.ts';
import { losses } from './parts/losses.ts';
import { methods } from './parts/methods.ts';
import { samplers } from './parts/samplers.ts';
import { UsageError } from './usage-error.ts';

/** An experiment with everything built, ready for `fit` and `evaluate`. */
export interface BuiltExperiment {
  readonly learner: Learner;
  readonly loader: TrainLoader;
  /** Of stages that see pictures in another way than the first. */
  readonly stageLoaders: Readonly<Record<string, TrainLoader>>;
  readonly random: RandomStreams;
  readonly task: Task;
  readonly groups: FrequencyGroups;
  readonly test: Dataset;
}

/**
 * Builds the parts that a configuration names.
 *
 * @param onProgress told how far the features are cached, where they are, in [0, 1]
 * @param signal ends the caching between two batches, with its reason as the error
 * @throws UsageError if the parts do not go together
 */
export async function buildExperiment(
  config: Experiment,
  onProgress: (done: number) => void = () => {},
  signal?: AbortSignal,
): Promise<BuiltExperiment> {
  const parts = await loadParts(config);
  const { splits, backbone, random } = parts;
  const pictures = {
    train: asDataset(splits.train, backbone, config.augment),
    test: asDataset(splits.test, backbone),
  };
  const view = methods[config.method.name].reads;
  const { train, test } =
    config.cachedViews === null
      ? pictures
      : await cacheBoth(pictures, backbone.encoder, view, config.cachedViews, random, onProgress, signal);
  const { learner, task } = await buildLearner(config, parts, train);
  const { batchSize, dropLast } = config;
  const loaderOf = (dataset: Dataset, sampler: Sampler): TrainLoader =>
    new BatchLoader({ dataset, sampler, batchSize, dropLast, random });
  const sampler = samplers.create(config.sampler, { labels: train.labels, random: random.stream('shuffle') });
  const usual = loaderOf(train, sampler);
  const { views } = methods[config.method.name];
  const groups = frequencyGroups(task.statistics.classCounts);
  if (!views) return { learner, loader: usual, stageLoaders: {}, random, task, groups, test };
  // The first stage sees every picture once an epoch, in views; the others draw as the configuration says.
  const { statistics } = backbone;
  const inputs = views(learner, splits.train.images, { statistics, mirror: config.augment.flip });
  const uniform = new UniformSampler({ length: train.labels.rows, random: random.stream('views') });
  const later = learner.stages.slice(1).map(({ name }) => [name, usual] as const);
  const loader = loaderOf({ ...train, inputs }, uniform);
  return { learner, loader, stageLoaders: Object.fromEntries(later), random, task, groups, test };
}

/** A learner from pictures to scores. */
export interface Predictor {
  readonly learner: Learner;
  readonly classes: readonly string[];
  /** What the backbone expects of pictures. */
  readonly statistics: LoadedBackbone['statistics'];
  /** Height and width of the pictures it was trained on. */
  readonly imageSize: readonly [height: number, width: number];
  /** What the learner takes in, of images [B, H, W, 3]: themselves, or a view of the frozen backbone. */
  encode(images: tf.Tensor): tf.Tensor;
  dispose(): void;
}

/** Builds what a configuration trains, to be used on single pictures; its weights are as they begin. */
export async function buildPredictor(config: Experiment): Promise<Predictor> {
  const parts = await loadParts(config);
  const { splits, backbone } = parts;
  const { learner, task } = await buildLearner(config, parts, asDataset(splits.train, backbone));
  const frozen = config.cachedViews === null ? undefined : backbone.encoder.eval();
  const view = methods[config.method.name].reads;
  return {
    learner,
    classes: task.classes,
    statistics: backbone.statistics,
    imageSize: [splits.train.images.height, splits.train.images.width],
    encode: (images) => (frozen ? viewOf(frozen, view, images) : tf.clone(images)),
    dispose() {
      frozen?.dispose();
      learner.dispose();
    },
  };
}

interface LoadedParts {
  readonly splits: ImageSplits;
  readonly backbone: LoadedBackbone;
  readonly random: RandomStreams;
}

async function loadParts(config: Experiment): Promise<LoadedParts> {
  const random = new RandomStreams(config.seed);
  const splits = await datasets.create(config.data, undefined);
  const loaded = await backbones.create(config.backbone, random.stream('init'));
  const backbone = { ...loaded, statistics: statisticsOf(config.normalization, loaded.statistics) };
  return { splits, backbone, random };
}

async function buildLearner(
  config: Experiment,
  { backbone, random }: LoadedParts,
  train: Dataset,
): Promise<{ learner: Learner; task: Task }> {
  const task: Task = {
    classes: train.classes,
    statistics: classStatistics(train.labels, { classNames: train.classes }),
  };
  const { name, options, classEmbeddings: source } = config.method;
  const { create, encoders = 1 } = methods[name];
  const embeddings = source && (await classEmbeddings.create(source, task.classes));
  try {
    const learner = await create(options, {
      task,
      train,
      features: backbone.features,
      ...(config.cachedViews === null && { backbone: backbone.encoder }),
      ...(config.cachedViews === null && encoders === 2 && { keyBackbone: await secondEncoder(config) }),
      ...(config.loss && { loss: losses.create(config.loss, task.statistics) }),
      ...(embeddings && { classEmbeddings: embeddings }),
      random,
    });
    return { learner, task };
  } finally {
    embeddings?.dispose();
  }
}

/** Another network of the kind that the configuration names; its weights are copied over by the method. */
async function secondEncoder(config: Experiment): Promise<Encoder> {
  const { encoder } = await backbones.create(config.backbone, new RandomStreams(config.seed).stream('init'));
  return encoder;
}

function asDataset(
  { name, classes, labels, images }: ImageSet,
  backbone: LoadedBackbone,
  augment?: Augmentation,
): Dataset {
  const transforms = [...(augment ? augmentationTransforms(augment) : []), normalize(backbone.statistics)];
  return { name, classes, labels, inputs: imageInputs(images, transforms) };
}

/** One view of both sets; the encoder is not needed after that. */
async function cacheBoth(
  { train, test }: { readonly train: Dataset; readonly test: Dataset },
  encoder: Encoder,
  view: EncoderView,
  views: number,
  random: RandomStreams,
  onProgress: (done: number) => void,
  signal: AbortSignal | undefined,
): Promise<{ train: Dataset; test: Dataset }> {
  encoder.eval();
  const trainWork = (views + 1) * train.labels.rows;
  const share = trainWork / (trainWork + test.labels.rows);
  const encode = (inputs: tf.Tensor): tf.Tensor => viewOf(encoder, view, inputs);
  try {
    return {
      train: await cacheFeatures(encode, train, {
        views,
        random,
        onProgress: (done) => onProgress(done * share),
        ...(signal && { signal }),
      }),
      test: await cacheFeatures(encode, test, {
        onProgress: (done) => onProgress(share + done * (1 - share)),
        ...(signal && { signal }),
      }),
    };
  } finally {
    encoder.dispose();
  }
}

function viewOf(encoder: Encoder, view: EncoderView, images: tf.Tensor): tf.Tensor {
  return tf.tidy(() => {
    const output = encodeView(encoder, view, images);
    if (!output) throw new UsageError(`the method works on the ${view} of a backbone, and this backbone has none`);
    return output;
  });
}
