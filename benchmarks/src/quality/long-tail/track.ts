import { loadResnetTiny } from '@ltml/backbone/node';
import { classifier } from '@ltml/classifier';
import { BatchLoader, ClassAwareSampler, type Dataset, indexByClass, type Sampler, UniformSampler } from '@ltml/data';
import { type Scores, splitReport } from '@ltml/metrics';
import { RandomStreams } from '@ltml/tensor';
import type { Encoder } from '@ltml/tensor/contract';
import { classStatistics, frequencyGroups } from '@ltml/tensor/labels';
import { describeData } from '../described-data.ts';
import { loadDigitsFeatures, loadDigitsImages } from '../digits-parts.ts';
import { type FitScores, fitAndScore } from '../fit-and-score.ts';
import { compareGroups, groupMeasures, measureGroups } from '../group-measures.ts';
import { protocolName, type Track, type TrackChanges } from '../track.ts';
import { type LossRow, type LossRowKey, lossRows } from './losses.ts';
import { classifierConfig, type LongTailProtocol, protocols } from './protocol.ts';

/** Data and network that all losses start from. */
export interface LongTailParts {
  readonly train: Dataset;
  readonly test: Dataset;
  /** D, features of an image. */
  readonly features: number;
  /** A fresh pretrained encoder for a run that trains it; left out where the inputs are features. */
  readonly createEncoder?: () => Promise<Encoder>;
}

/**
 * Losses under a long tail: the ladder of Wu et al. (ECCV 2020) and what stands beside it, on one head.
 *
 * @param loadParts default: `digits-lt` and the pretrained `resnet-tiny`
 */
export function longTailTrack(
  suite: keyof typeof protocols,
  changes: TrackChanges = {},
  loadParts: (views: number | null, onProgress: (done: number) => void) => Promise<LongTailParts> = loadDigits,
): Track {
  const protocol: LongTailProtocol = { ...protocols[suite], ...changes };
  const { views, epochs, batchSize, version } = protocol;
  const network =
    views === null
      ? 'resnet-tiny, pretrained on digits in other inks, trained end to end'
      : `a linear head on the features of resnet-tiny, pretrained on digits in other inks and frozen; ${views} augmented views of each training image`;
  return {
    key: 'long-tail',
    title: 'Losses under a long tail',
    question: 'Which loss, and which way of drawing images, learns rare classes best?',
    protocol: protocolName(version, changes),
    seeds: protocol.seeds,
    measures: groupMeasures,
    methods: lossRows,
    baseline: 'bce',
    notes: [
      `Every method trains ${network}.`,
      `Every method trains for ${epochs} epochs of as many images as the training set has, in batches of ${batchSize}, with AdamW and a cosine schedule, whichever way its images are drawn.`,
      'Losses are set as published, the family of the Distribution-Balanced loss as for VOC-MLT, whose class counts these are.',
      protocol.learningRateNote,
      'The last step counts. No test image had a say in a setting or in the choice of a checkpoint.',
      'AP is not interpolated (scikit-learn’s definition); mAP is the mean over classes.',
    ],
    cost: views === null ? { load: 2, run: 400 } : { load: 6, run: 2 },
    async load(onProgress) {
      const parts = await loadParts(views, onProgress);
      const { train, test } = parts;
      const described = describeData(train, test);
      return {
        ...described,
        async run(method, seed, onDone) {
          const row = lossRows[method as LossRowKey];
          const learningRate = protocol.learningRates[method as LossRowKey];
          const { scores, ...result } = await trainLoss(row, parts, protocol, learningRate, seed, onDone);
          return {
            ...result,
            settings: { loss: row.loss, sampler: row.sampler, learningRate },
            outputs: { test: scores },
          };
        },
        compare: (first, second, seed) =>
          compareGroups(first.outputs.test, second.outputs.test, described.classCounts, seed),
      };
    },
  };
}

async function loadDigits(views: number | null, onProgress: (done: number) => void): Promise<LongTailParts> {
  if (views !== null) return loadDigitsFeatures('features', views, onProgress);
  return { ...(await loadDigitsImages()), features: 96, createEncoder: loadResnetTiny };
}

/** Trains one loss with one seed and evaluates its last state on the test images. */
export async function trainLoss(
  row: LossRow,
  parts: LongTailParts,
  { epochs, batchSize }: Pick<LongTailProtocol, 'epochs' | 'batchSize'>,
  learningRate: number,
  seed: number,
  onProgress?: (done: number) => void,
): Promise<FitScores & { readonly perClass: readonly number[] }> {
  const { train, test } = parts;
  const random = new RandomStreams(seed);
  const statistics = classStatistics(train.labels);
  const groups = frequencyGroups(statistics.classCounts);
  const loader = new BatchLoader({
    dataset: train,
    sampler: createSampler(row.sampler, train, random),
    batchSize,
    dropLast: true,
    random,
  });
  const learner = classifier.create(
    { classes: train.classes, statistics },
    {
      criterion: row.criterion(statistics),
      features: parts.features,
      ...(parts.createEncoder && { encoder: await parts.createEncoder() }),
    },
    classifierConfig(epochs, learningRate),
    random,
  );
  const measure = (scores: Scores) => measureGroups(scores, groups);
  const curveEvery = Math.ceil(epochs / 15);
  const result = await fitAndScore({ learner, loader, random, test, curveEvery, measure, onProgress });
  return { ...result, perClass: Array.from(splitReport(result.scores, groups).averagePrecision) };
}

/** Both samplers have epochs as long as the training set, so that every method does the same number of steps. */
function createSampler(kind: LossRow['sampler'], { labels }: Dataset, random: RandomStreams): Sampler {
  const stream = random.stream('shuffle');
  if (kind === 'uniform') return new UniformSampler({ length: labels.rows, random: stream });
  const images = indexByClass(labels);
  const largest = Math.max(...images.map(({ length }) => length));
  // An epoch has ⌊largest · C / reduce⌋ draws.
  return new ClassAwareSampler({
    indexByClass: images,
    random: stream,
    reduce: (largest * images.length) / labels.rows,
  });
}
