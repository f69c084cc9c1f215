import { embedClasses } from '@ltml/backbone';
import { loadTinyClip } from '@ltml/backbone/node';
import { classifier, classifierConfigSchema } from '@ltml/classifier';
import { BatchLoader, type Dataset, dropLabels, UniformSampler } from '@ltml/data';
import { partialBinaryCrossEntropy } from '@ltml/losses';
import type { Scores } from '@ltml/metrics';
import { averagePrecision, interpolated, pairedBootstrap } from '@ltml/metrics';
import { sarb } from '@ltml/sarb';
import { RandomStream, RandomStreams } from '@ltml/tensor';
import type { Learner } from '@ltml/tensor/contract';
import { classStatistics } from '@ltml/tensor/labels';
import * as tf from '@tensorflow/tfjs-core';
import { describeData } from '../described-data.ts';
import { loadDigitsFeatures } from '../digits-parts.ts';
import { fitAndScore } from '../fit-and-score.ts';
import { type Interval, type Measures, protocolName, type Track, type TrackChanges } from '../track.ts';
import { type PartialLabelsKey, type PartialLabelsRow, partialLabelsRows } from './methods.ts';
import { meanScores, type ProportionScores, proportionScores } from './proportions.ts';
import { type PartialLabelsProtocol, protocols } from './protocol.ts';

/** Data that all methods start from. */
export interface PartialLabelsParts {
  /** Feature maps of the training images with all of their labels, which the track hides. */
  readonly train: Dataset;
  readonly test: Dataset;
  /** Channels of the maps. */
  readonly channels: number;
  /** [C, E] row-major, of the class names. */
  readonly classEmbeddings: { readonly shape: readonly number[]; readonly data: Float32Array };
}

/**
 * Training with a part of the labels, against the proportion that is known: partial cross-entropy, SSGRL, and SARB with
 * its parts (Pu et al., AAAI 2022).
 *
 * @param loadParts default: `digits-lt` through the pretrained `resnet-tiny`, and `tiny-clip` for the class names
 */
export function partialLabelsTrack(
  suite: keyof typeof protocols,
  changes: TrackChanges = {},
  loadParts: (views: number, onProgress: (done: number) => void) => Promise<PartialLabelsParts> = loadPartialLabels,
): Track {
  const protocol: PartialLabelsProtocol = { ...protocols[suite], ...changes };
  const { version, proportions, epochs, batchSize, views, features, innerFeatures } = protocol;
  return {
    key: 'partial-labels',
    title: 'Partial labels',
    question: 'How much is lost when only some of the training labels are known, and what brings it back?',
    protocol: protocolName(version, changes),
    seeds: protocol.seeds,
    measures: [
      ...proportions.map((proportion) => ({ key: keyOf(proportion), title: `mAP at ${percent(proportion)} %` })),
      { key: 'mAP', title: 'mAP, average' },
      { key: 'OF1', title: 'OF1, average' },
      { key: 'CF1', title: 'CF1, average' },
    ],
    series: {
      title: 'mAP against known labels',
      axis: 'known labels, %',
      points: proportions.map((proportion) => ({ at: Math.round(100 * proportion), measure: keyOf(proportion) })),
    },
    methods: Object.fromEntries(protocol.rows.map((key) => [key, partialLabelsRows[key]])),
    baseline: 'ssgrl',
    notes: [
      `Every label of the training images, present or absent, is known with the same chance, drawn anew for each seed and nested over the proportions ${proportions.map(percent).join(', ')} %.`,
      `All methods see the maps of resnet-tiny, pretrained on digits in other inks and frozen, halved to 4 × 4; ${views} augmented views of each training image. Words are the embeddings of tiny-clip.`,
      `Every method trains for ${epochs} epochs in batches of ${batchSize}. SARB’s network, blending and schedule are as published, at smaller size: ${features} features of a class and ${innerFeatures} of the attention, where the published network has 1,024 and 512; blending begins after a quarter of the epochs, prototypes are made anew as often, and the learning rate falls to a tenth after half of them. α and β have a rate of their own, at which they can move as far as in the published training on VOC 2007.`,
      'The contrastive loss is left out: on held-out training images it costs SSGRL and SARB, with maps of a frozen network whose features are never negative.',
      'Learning rates were chosen on held-out training images over 10 and 50 %: one for the linear head, one for all networks, where SSGRL and SARB come to the same. One setting serves all proportions.',
      'The last step counts. No test image had a say in a setting or in the choice of a checkpoint.',
      'AP is interpolated over all points, as in this literature; F1 counts logits from 0.',
    ],
    cost: { load: 8, run: 60 * proportions.length },
    async load(onProgress) {
      const parts = await loadParts(views, onProgress);
      const { train, test } = parts;
      return {
        ...describeData(train, test),
        run: (method, seed, onDone) => runProportions(method as PartialLabelsKey, parts, protocol, seed, onDone),
        compare(first, second, seed) {
          const intervals = proportions.map((proportion): [string, Interval] => {
            const key = keyOf(proportion);
            const options = { groups: { total: train.classes.map((_, c) => c) }, random: new RandomStream(seed) };
            const { total } = pairedBootstrap(first.outputs[key], second.outputs[key], {
              ...options,
              rule: interpolated,
            });
            return [key, total];
          });
          return Object.fromEntries(intervals);
        },
      };
    },
  };
}

async function runProportions(
  key: PartialLabelsKey,
  parts: PartialLabelsParts,
  protocol: PartialLabelsProtocol,
  seed: number,
  onProgress: (done: number) => void,
) {
  const { proportions } = protocol;
  const learningRate = protocol.learningRates[key];
  const results: ProportionScores[] = [];
  const outputs: Record<string, Scores> = {};
  const perClass: Float64Array[] = [];
  let seconds = 0;
  for (const [i, proportion] of proportions.entries()) {
    const train = withKnown(parts.train, proportion, seed);
    const run = await trainPartial(partialLabelsRows[key], { ...parts, train }, protocol, learningRate, seed, (done) =>
      onProgress((i + done) / proportions.length),
    );
    outputs[keyOf(proportion)] = run.scores;
    results.push(proportionScores(run.scores));
    perClass.push(averagePrecision(run.scores, { rule: interpolated }));
    seconds += run.seconds;
  }
  const average = meanScores(results);
  const measures: Measures = {
    ...Object.fromEntries(proportions.map((proportion, i) => [keyOf(proportion), results[i].meanAveragePrecision])),
    mAP: average.meanAveragePrecision,
    OF1: average.overallF1,
    CF1: average.classF1,
  };
  return {
    measures,
    perClass: parts.train.classes.map((_, c) => perClass.reduce((sum, values) => sum + values[c], 0) / perClass.length),
    curve: [],
    seconds,
    settings: { learningRate, proportions: [...proportions] },
    outputs,
  };
}

/** The same images with a part of their labels. */
export function withKnown(dataset: Dataset, proportion: number, seed: number): Dataset {
  return { ...dataset, labels: dropLabels(dataset.labels, proportion, { seed }) };
}

/** What of a protocol a training needs. */
export type PartialTraining = Pick<
  PartialLabelsProtocol,
  'epochs' | 'batchSize' | 'features' | 'innerFeatures' | 'shareLearningRate'
>;

/** Trains a row with one seed on what is known and scores the test images with its last state. */
export async function trainPartial(
  row: PartialLabelsRow,
  parts: PartialLabelsParts,
  protocol: PartialTraining,
  learningRate: number,
  seed: number,
  onProgress?: (done: number) => void,
) {
  const { train, test } = parts;
  const random = new RandomStreams(seed);
  const loader = loaderOf(train, protocol.batchSize, random);
  const learner = createLearner(row, parts, protocol, learningRate, random);
  return fitAndScore({ learner, loader, random, test, measure: () => ({}), ...(onProgress && { onProgress }) });
}

function createLearner(
  { sarb: configOf }: PartialLabelsRow,
  { train, channels, classEmbeddings }: PartialLabelsParts,
  { batchSize, ...recipe }: PartialTraining,
  learningRate: number,
  random: RandomStreams,
): Learner {
  const task = { classes: train.classes, statistics: classStatistics(train.labels) };
  if (!configOf) {
    const config = classifierConfigSchema.parse({
      epochs: recipe.epochs,
      optimizer: { name: 'adamw', learningRate, weightDecay: 1e-4 },
    });
    return classifier.create(
      task,
      {
        criterion: (logits, labels, known) => partialBinaryCrossEntropy(logits, labels, { known }),
        features: channels,
      },
      config,
      random,
    );
  }
  const config = configOf({ ...recipe, learningRate });
  const words = tf.tensor2d(classEmbeddings.data, classEmbeddings.shape as [number, number]);
  const parts = {
    features: channels,
    classEmbeddings: words,
    trainingSet: ({ epoch }: { readonly epoch: number }) =>
      loaderOf(train, batchSize, new RandomStreams(random.seed + 1000 * (epoch + 1))).epoch(),
  };
  try {
    return sarb.create(task, parts, config, random);
  } finally {
    words.dispose();
  }
}

function loaderOf(dataset: Dataset, batchSize: number, random: RandomStreams): BatchLoader {
  const sampler = new UniformSampler({ length: dataset.labels.rows, random: random.stream('shuffle') });
  return new BatchLoader({ dataset, sampler, batchSize, dropLast: true, random });
}

/**
 * `digits-lt` through the frozen `resnet-tiny`, its maps halved as SARB halves those of its encoder, with the embeddings
 * of `tiny-clip` for the class names.
 */
export async function loadPartialLabels(
  views: number,
  onProgress: (done: number) => void = () => {},
): Promise<PartialLabelsParts> {
  const { train, test, features } = await loadDigitsFeatures('halvedMap', views, onProgress);
  const { clip, tokenizer } = await loadTinyClip();
  try {
    const { shape, data } = await embedClasses(train.classes, { tokenizer, tower: clip.text });
    // Of length 1, they are scaled to that of word vectors, about √E.
    const scaled = Float32Array.from(data as Float32Array, (value) => value * Math.sqrt(shape[1]));
    return { train, test, channels: features, classEmbeddings: { shape, data: scaled } };
  } finally {
    clip.dispose();
  }
}

const percent = (proportion: number): string => `${Math.round(100 * proportion)}`;
const keyOf = (proportion: number): string => `mAP@${percent(proportion)}`;
