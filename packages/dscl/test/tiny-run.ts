import {
  BatchLoader,
  ClassBalancedSampler,
  contrastiveViews,
  type InputParts,
  imageInputs,
  indexByClass,
  type LabelledInputs,
  type Pictures,
  UniformSampler,
} from '@ltml/data';
import { type Dscl, dscl, dsclConfigSchema } from '@ltml/dscl';
import { registerKernels } from '@ltml/engines';
import { BatchNorm, Conv2d, exportState, globalAveragePool, Module, RandomStream, RandomStreams } from '@ltml/tensor';
import type { MapEncoder } from '@ltml/tensor/contract';
import { classStatistics, type Labels } from '@ltml/tensor/labels';
import { type FitOptions, fit } from '@ltml/train';
import * as tf from '@tensorflow/tfjs-core';

registerKernels();

/** Two convolutions with batch norm; 8 features, the map an eighth of the image. */
class TinyEncoder extends Module implements MapEncoder {
  readonly conv1: Conv2d;
  readonly bn1: BatchNorm;
  readonly conv2: Conv2d;

  constructor(random: RandomStream) {
    super();
    this.conv1 = new Conv2d({ inChannels: 3, outChannels: 6, kernel: 3, stride: 2, padding: 1, random });
    this.bn1 = new BatchNorm({ channels: 6 });
    this.conv2 = new Conv2d({ inChannels: 6, outChannels: 8, kernel: 3, stride: 2, padding: 1, random });
  }

  forward(images: tf.Tensor) {
    const x = tf.relu(this.bn1.forward(this.conv1.forward(images)));
    const featureMap = tf.relu(this.conv2.forward(x)) as tf.Tensor4D;
    return { featureMap, features: globalAveragePool(featureMap) };
  }
}

const counts = [14, 8, 2];

/** Pictures of 16 × 16 in three colours, with noise, 24 in all. */
function pictures(): { readonly images: Pictures; readonly labels: Labels } {
  const random = new RandomStream(5);
  const classes = counts.flatMap((count, c) => Array<number>(count).fill(c));
  const pixels = classes.map((c) =>
    Uint8Array.from({ length: 16 * 16 * 3 }, (_, at) => (at % 3 === c ? 150 : 60) + random.integer(60)),
  );
  const present = Uint8Array.from(classes.flatMap((c) => [0, 1, 2].map((other) => Number(other === c))));
  return {
    images: {
      length: classes.length,
      size: { height: 16, width: 16 },
      key: (index) => `${index}`,
      read: async (index) => ({ height: 16, width: 16, pixels: pixels[index] }),
    },
    labels: { rows: classes.length, columns: 3, present },
  };
}

const statistics = { mean: [127.5, 127.5, 127.5], std: [64, 64, 64] } as const;

/** A learner, its two loaders and all else that `fit` needs, built afresh from one seed. */
export function tinyRun(config: Record<string, unknown> = {}) {
  const { images, labels } = pictures();
  const classes = ['red', 'green', 'blue'];
  const random = new RandomStreams(3);
  const task = { classes, statistics: classStatistics(labels) };
  const parts = {
    encoder: new TinyEncoder(random.stream('init')),
    keyEncoder: new TinyEncoder(new RandomStream(0)),
    features: 8,
  };
  const base = dsclConfigSchema.parse({
    dimension: 5,
    viewSize: 12,
    queue: { size: 22 },
    encoderMomentum: 0.9,
    ...config,
    patches: { count: 2, size: 8, ...(config.patches as object) },
    pretrain: { epochs: 3, schedule: { warmup: { epochs: 1 } }, ...(config.pretrain as object) },
    classify: {
      epochs: 2,
      optimizer: { learningRate: 1 },
      schedule: { milestones: [1] },
      ...(config.classify as object),
    },
  });
  const learner = dscl.create(task, parts, base, random) as Dscl;
  const named = { name: 'tiny', classes, labels };
  const views: LabelledInputs<InputParts> = {
    ...named,
    inputs: contrastiveViews(images, { ...learner.views, statistics }),
  };
  const plain: LabelledInputs = { ...named, inputs: imageInputs(images, [{ name: 'normalize', ...statistics }]) };
  const balanced = new ClassBalancedSampler({ indexByClass: indexByClass(labels), random: random.stream('balanced') });
  const uniform = new UniformSampler({ length: labels.rows, random: random.stream('shuffle') });
  const fitOptions: FitOptions = {
    learner,
    loader: new BatchLoader({ dataset: views, sampler: uniform, batchSize: 6, dropLast: true, random }),
    stageLoaders: { classify: new BatchLoader({ dataset: plain, sampler: balanced, batchSize: 10, random }) },
    random,
  };
  return { learner, fitOptions, plain, run: (options: Partial<FitOptions> = {}) => fit({ ...fitOptions, ...options }) };
}

/** All numbers of a learner, which is disposed of. */
export async function weightsOf(learner: Dscl): Promise<Map<string, number[]>> {
  const state = await exportState(learner);
  learner.dispose();
  return new Map([...state].map(([name, { data }]) => [name, [...data].map(Number)]));
}
