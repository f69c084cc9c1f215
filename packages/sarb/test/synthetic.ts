import { BatchLoader, denseLabels, dropLabels, type LabelledInputs, UniformSampler } from '@ltml/data';
import { RandomStream, RandomStreams } from '@ltml/tensor';
import type { Batch, StepContext } from '@ltml/tensor/contract';
import { classStatistics } from '@ltml/tensor/labels';
import type * as tf from '@tensorflow/tfjs-core';
import { randomTensor } from '../../tensor/test/support.ts';
import {
  Sarb,
  type SarbConfig,
  type SarbParts,
  SemanticTransfer,
  type SemanticTransferParts,
  sarbConfigSchema,
  type TransferConfig,
} from '../src/index.ts';

const classes = ['a', 'b', 'c', 'd'];
const [H, W, channels] = [2, 2, 6];

/** Feature maps that show a class at one of their places, with half of the labels known. */
export function syntheticMaps(rows = 24, seed = 1): LabelledInputs {
  const random = new RandomStream(seed);
  const present = Uint8Array.from({ length: rows * classes.length }, () => Number(random.uniform() < 0.4));
  const values = Float32Array.from({ length: rows * H * W * channels }, () => random.normal(0, 0.3));
  for (let row = 0; row < rows; row++) {
    for (const c of classes.keys()) {
      if (present[row * classes.length + c]) values[(row * H * W + random.integer(H * W)) * channels + c] += 2;
    }
  }
  const size = H * W * channels;
  return {
    name: 'synthetic maps',
    classes,
    labels: dropLabels({ rows, columns: classes.length, present }, 0.5),
    inputs: {
      length: rows,
      shape: [H, W, channels],
      read: async (indices) =>
        Float32Array.from(Array.from(indices).flatMap((i) => [...values.subarray(i * size, (i + 1) * size)])),
    },
  };
}

/** A configuration small and quick enough to be tested: blending from the second epoch on. */
export function smallConfig(options: Record<string, unknown> = {}): SarbConfig {
  const { blending, ...others } = options as { blending?: object };
  return sarbConfigSchema.parse({
    epochs: 4,
    features: 5,
    attention: { name: 'decoupling', innerFeatures: 4 },
    optimizer: { learningRate: 0.01 },
    schedule: { every: 3 },
    ...others,
    blending: {
      from: 1,
      prototypes: { count: 2, every: 2 },
      ...blending,
    },
  });
}

/** All that a run needs besides its learner, built afresh from one seed. */
function provide(count: number = classes.length, classEmbeddings?: tf.Tensor2D) {
  const whole = syntheticMaps();
  const dataset = count === classes.length ? whole : firstClasses(whole, count);
  const random = new RandomStreams(7);
  const loaderOf = (streams: RandomStreams): BatchLoader =>
    new BatchLoader({
      dataset,
      sampler: new UniformSampler({ length: dataset.inputs.length, random: streams.stream('shuffle') }),
      batchSize: 6,
      dropLast: true,
      random: streams,
    });
  const trainingSet = ({ epoch }: StepContext): AsyncIterable<Batch> =>
    loaderOf(new RandomStreams(100 + epoch)).epoch();
  const task = { classes: dataset.classes, statistics: classStatistics(dataset.labels) };
  const words = classEmbeddings ?? randomTensor<tf.Tensor2D>([count, 3], 9);
  return {
    dataset,
    task,
    random,
    loader: loaderOf(random),
    parts: { features: channels, trainingSet, classEmbeddings: words },
  };
}

function firstClasses(set: LabelledInputs, count: number): LabelledInputs {
  const { rows, columns, present, known } = denseLabels(set.labels);
  const first = (entries: Uint8Array): Uint8Array => entries.filter((_, at) => at % columns < count);
  const labels = { rows, columns: count, present: first(present), ...(known && { known: first(known) }) };
  return { ...set, classes: set.classes.slice(0, count), labels };
}

/** SARB on them. */
export function setup(config: SarbConfig = smallConfig(), changed: Partial<SarbParts> = {}) {
  const { parts, ...rest } = provide(classes.length, changed.classEmbeddings);
  return { ...rest, learner: new Sarb(rest.task, { ...parts, ...changed }, config, rest.random) };
}

/** SST or HST on the first classes of them. */
export function setupTransfer(config: TransferConfig, count?: number, changed: Partial<SemanticTransferParts> = {}) {
  const { parts, ...rest } = provide(count, changed.classEmbeddings);
  return { ...rest, learner: new SemanticTransfer(rest.task, { ...parts, ...changed }, config, rest.random) };
}
