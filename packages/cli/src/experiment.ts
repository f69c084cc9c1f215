import { BatchLoader, type Dataset, horizontalFlip, imageInputs, jitter, normalize, padAndShift } from '@ltml/data';
import { RandomStreams } from '@ltml/tensor';
import type { Encoder, Learner, Task } from '@ltml/tensor/contract';
import { classStatistics, type FrequencyGroups, frequencyGroups } from '@ltml/tensor/labels';
import { cacheFeatures, classifier, type TrainLoader } from '@ltml/train';
import type * as tf from '@tensorflow/tfjs-core';
import type { Augmentation, Experiment } from './config/experiment.ts';
import { backbones, type LoadedBackbone } from './parts/backbones.ts';
import { datasets, type ImageSet } from './parts/datasets.ts';
import { losses } from './parts/losses.ts';
import { samplers } from './parts/samplers.ts';

/** An experiment with everything built, ready for `fit` and `evaluate`. */
export interface BuiltExperiment {
  readonly learner: Learner;
  readonly loader: TrainLoader;
  readonly random: RandomStreams;
  readonly task: Task;
  readonly groups: FrequencyGroups;
  readonly test: Dataset;
}

/**
 * Builds the parts that a configuration names.
 *
 * @param onProgress told how far the features are cached, where they are, in [0, 1]
 */
export async function buildExperiment(
  config: Experiment,
  onProgress: (done: number) => void = () => {},
): Promise<BuiltExperiment> {
  const random = new RandomStreams(config.seed);
  const splits = await datasets.create(config.data, undefined);
  const backbone = await backbones.create(config.backbone, random.stream('init'));
  const pictures = {
    train: asDataset(splits.train, backbone, config.augment),
    test: asDataset(splits.test, backbone),
  };
  const { train, test } =
    config.cachedViews === null
      ? pictures
      : await cacheBoth(pictures, backbone.encoder, config.cachedViews, random, onProgress);
  const statistics = classStatistics(train.labels);
  const task: Task = { classes: train.classes, statistics };
  const { criterion, reduction } = losses.create(config.loss, statistics);
  const learner = classifier.create(
    task,
    {
      criterion,
      lossReduction: reduction,
      features: backbone.features,
      ...(config.cachedViews === null && { backbone: backbone.encoder }),
    },
    config.method.options,
    random,
  );
  const loader = new BatchLoader({
    dataset: train,
    sampler: samplers.create(config.sampler, { labels: train.labels, random: random.stream('shuffle') }),
    batchSize: config.batchSize,
    dropLast: config.dropLast,
    random,
  });
  return { learner, loader, random, task, groups: frequencyGroups(statistics.classCounts), test };
}

function asDataset(
  { name, classes, labels, images }: ImageSet,
  backbone: LoadedBackbone,
  augment?: Augmentation,
): Dataset {
  const { shift = 0, brightness = 0, contrast = 0, flip = false } = augment ?? {};
  const transforms = [
    ...(flip ? [horizontalFlip()] : []),
    padAndShift(shift),
    jitter({ brightness, contrast }),
    normalize(backbone.statistics),
  ];
  return { name, classes, labels, inputs: imageInputs(images, augment ? transforms : transforms.slice(-1)) };
}

/** Features of both sets; the encoder is not needed after that. */
async function cacheBoth(
  { train, test }: { readonly train: Dataset; readonly test: Dataset },
  encoder: Encoder,
  views: number,
  random: RandomStreams,
  onProgress: (done: number) => void,
): Promise<{ train: Dataset; test: Dataset }> {
  encoder.eval();
  const trainWork = (views + 1) * train.labels.rows;
  const share = trainWork / (trainWork + test.labels.rows);
  const encode = (inputs: tf.Tensor): tf.Tensor => encoder.forward(inputs).features;
  try {
    return {
      train: await cacheFeatures(encode, train, {
        views,
        random,
        onProgress: (done) => onProgress(done * share),
      }),
      test: await cacheFeatures(encode, test, {
        onProgress: (done) => onProgress(share + done * (1 - share)),
      }),
    };
  } finally {
    encoder.dispose();
  }
}
