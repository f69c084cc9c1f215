import { type ResNet, resnetTiny, resnetTinyStatistics } from '@ltml/backbone';
import { loadResnetTiny } from '@ltml/backbone/node';
import {
  BatchLoader,
  ClassBalancedSampler,
  contrastiveViews,
  type Dataset,
  digitsLtSingle,
  imageInputs,
  indexByClass,
  type SceneSet,
  UniformSampler,
} from '@ltml/data';
import { Dscl, type DsclConfig } from '@ltml/dscl';
import type { Pipeline } from '@ltml/images';
import { RandomStream, RandomStreams } from '@ltml/tensor';
import { classStatistics } from '@ltml/tensor/labels';
import type { TrainLoader } from '@ltml/train';
import { type SingleLabelProtocol, viewSize } from './protocol.ts';

/** Scenes with one label each. */
export interface SingleLabelSets {
  readonly train: SceneSet;
  readonly test: SceneSet;
}

export function loadSingleLabelSets(): Promise<SingleLabelSets> {
  return digitsLtSingle();
}

/** Boxes of views. The published ones, from 8 % of the area on, would often miss the one digit of a scene. */
export const viewBoxes = { scale: [0.3, 1] } as const;

/** Without what would change a class: its digit is not mirrored, its ink neither turned in hue nor made grey. */
export const colours: Pipeline = [
  { name: 'colorJitter', brightness: 0.4, contrast: 0.4, probability: 0.8 },
  { name: 'gaussianBlur', sigma: [0.1, 1], probability: 0.5 },
];

/** Scenes as plain images of the size of a view, augmented in training. */
export function plainImages({ name, classes, labels, images }: SceneSet): Dataset {
  const pipeline: Pipeline = [
    // Views are not rounded to levels either.
    { name: 'toFloat' },
    { name: 'randomResizedCrop', size: viewSize, ...viewBoxes },
    ...colours,
    { name: 'normalize', ...resnetTinyStatistics },
  ];
  return { name, classes, labels, inputs: imageInputs(images, pipeline) };
}

/** A learner on the pretrained network, and the loaders of its stages. */
export interface SingleLabelRun {
  readonly learner: Dscl;
  /** The network that the learner trains and disposes of. */
  readonly encoder: ResNet;
  readonly loader: TrainLoader;
  readonly stageLoaders: Readonly<Record<string, TrainLoader>>;
  readonly random: RandomStreams;
}

export async function createRun(
  { train }: SingleLabelSets,
  config: DsclConfig,
  { batchSize, classifierBatchSize }: Pick<SingleLabelProtocol, 'batchSize' | 'classifierBatchSize'>,
  seed: number,
): Promise<SingleLabelRun> {
  const random = new RandomStreams(seed);
  const encoder = await loadResnetTiny();
  const task = { classes: train.classes, statistics: classStatistics(train.labels) };
  const parts = { encoder, keyEncoder: resnetTiny(new RandomStream(0)), features: encoder.featureCount };
  const learner = new Dscl(task, parts, config, random);
  const { name, classes, labels, images } = train;
  const inputs = contrastiveViews(images, {
    ...learner.views,
    statistics: resnetTinyStatistics,
    views: viewBoxes,
    mirror: false,
    queryColours: colours,
    keyColours: colours,
  });
  const uniform = new UniformSampler({ length: images.length, random: random.stream('shuffle') });
  const balanced = new ClassBalancedSampler({ indexByClass: indexByClass(labels), random: random.stream('balanced') });
  return {
    learner,
    encoder,
    random,
    loader: new BatchLoader({
      dataset: { name, classes, labels, inputs },
      sampler: uniform,
      batchSize,
      dropLast: true,
      random,
    }),
    stageLoaders: {
      classify: new BatchLoader({
        dataset: plainImages(train),
        sampler: balanced,
        batchSize: classifierBatchSize,
        dropLast: true,
        random,
      }),
    },
  };
}
