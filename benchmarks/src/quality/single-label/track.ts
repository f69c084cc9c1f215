import { pairedMeansBootstrap, type Scores, shotAccuracy } from '@ltml/metrics';
import { RandomStream } from '@ltml/tensor';
import { classStatistics, type FrequencyGroups, frequencyGroups } from '@ltml/tensor/labels';
import { describeData } from '../described-data.ts';
import { type FitScores, fitAndScore } from '../fit-and-score.ts';
import {
  type Interval,
  type Measure,
  type Measures,
  protocolName,
  type Track,
  type TrackChanges,
  type TrackMethod,
  type TrackRun,
} from '../track.ts';
import { createRun, loadSingleLabelSets, plainImages, type SingleLabelSets } from './parts.ts';
import { dsclConfig, type SingleLabelProtocol, type SingleLabelRow, singleLabelProtocol } from './protocol.ts';

/** Rows of the paper's ablation. */
const methods = {
  scl: {
    title: 'SCL',
    description:
      'Supervised contrastive learning with a momentum encoder and a queue, then a balanced linear classifier.',
  },
  dscl: {
    title: 'DSCL',
    description: 'The own view has the share α = 1/9 of the pull, whatever the frequency of the class.',
    after: 'scl',
  },
  'dscl-pbsd': {
    title: '+ PBSD',
    description: 'DSCL, and patches learn to look where the same place of the whole image looks.',
    after: 'dscl',
  },
} as const satisfies Readonly<Record<SingleLabelRow, TrackMethod>>;

export const singleLabelRows: readonly SingleLabelRow[] = Object.keys(methods) as SingleLabelRow[];

const measures: readonly Measure[] = [
  { key: 'total', title: 'top-1' },
  { key: 'head', title: 'many' },
  { key: 'medium', title: 'medium' },
  { key: 'tail', title: 'few' },
];

/**
 * Contrastive pretraining under a long tail of classes that exclude one another: Xuan and Zhang (AAAI 2024).
 *
 * @param loadSets default: digits-lt with one label a scene
 */
export function singleLabelTrack(
  changes: TrackChanges & Partial<SingleLabelProtocol> = {},
  loadSets: () => Promise<SingleLabelSets> = loadSingleLabelSets,
): Track {
  const protocol: SingleLabelProtocol = { ...singleLabelProtocol, ...changes };
  const { epochs, batchSize, classifierEpochs, classifierBatchSize, version } = protocol;
  return {
    key: 'single-label',
    title: 'Contrastive pretraining, one class a scene',
    question: 'Does decoupling own view and class help rare classes, and do patches?',
    protocol: protocolName(version, changes),
    seeds: protocol.seeds,
    measures,
    methods,
    baseline: 'scl',
    notes: [
      'Data: digits-lt with one label a scene, 300 … 3 training scenes of a class; many: over 100, few: under 20.',
      `First stage: ${epochs} epochs in batches of ${batchSize}, views of half the size of the scenes, resnet-tiny pretrained on digits in other inks. (The paper trains from scratch on 115,846 images; on 1,383 that does not get off the ground.)`,
      `Second stage: ${classifierEpochs} epochs of a linear classifier on the frozen network, batches of ${classifierBatchSize}, every class drawn equally often.`,
      `α, λ, τ and the number of patches are as published. Queue, momentum and crops are set to the size of the data, the same for every row. One learning rate, ${protocol.learningRate}, serves the first stage of all rows and one, ${protocol.classifierLearningRate}, the second; both were chosen on held-out training scenes, a quarter of each class (one split, which holds 15 scenes of few-shot classes). The pretrained start and the epochs of the second stage were first settled in trials that looked at test images, too; the held-out scenes choose the same.`,
      'The last step counts. No test image had a say in the rates or in the choice of a checkpoint.',
    ],
    cost: { load: 2, run: 600 },
    async load() {
      const sets = await loadSets();
      const { train, test } = sets;
      const described = describeData(train, test);
      return {
        ...described,
        async run(method, seed, onProgress) {
          const { scores, ...result } = await trainRow(method as SingleLabelRow, sets, protocol, seed, onProgress);
          return { ...result, outputs: { test: scores } };
        },
        compare: (first, second, seed) =>
          compareAccuracies(first.outputs.test, second.outputs.test, shotGroups(described.classCounts), seed),
      };
    },
  };
}

/** Both stages of one row with one seed, judged on the test scenes. */
export async function trainRow(
  row: SingleLabelRow,
  sets: SingleLabelSets,
  protocol: SingleLabelProtocol,
  seed: number,
  onProgress?: (done: number) => void,
): Promise<FitScores & Pick<TrackRun, 'perClass' | 'settings'>> {
  const config = dsclConfig(row, protocol);
  const groups = shotGroups(classStatistics(sets.train.labels).classCounts);
  const result = await fitAndScore({
    ...(await createRun(sets, config, protocol, seed)),
    test: plainImages(sets.test),
    measure: (scores) => accuracies(scores, groups),
    curveEvery: Math.ceil(protocol.classifierEpochs / 5),
    ...(onProgress && { onProgress }),
  });
  return { ...result, perClass: classAccuracies(result.scores), settings: { ...config } };
}

/** Many is over 100 images, as for ImageNet-LT. */
function shotGroups(classCounts: readonly number[]): FrequencyGroups {
  return frequencyGroups(classCounts, { headFrom: 101 });
}

/** The class of each image. */
function classesOf({ rows, columns, present }: Scores): number[] {
  return Array.from({ length: rows }, (_, row) => present.subarray(row * columns, (row + 1) * columns).indexOf(1));
}

function accuracies(scores: Scores, groups: FrequencyGroups): Measures {
  const { top1, head, medium, tail } = shotAccuracy(scores, classesOf(scores), groups);
  return {
    total: top1,
    head: head.top1 ?? Number.NaN,
    medium: medium.top1 ?? Number.NaN,
    tail: tail.top1 ?? Number.NaN,
  };
}

/** Intervals of {@link accuracies} by a paired bootstrap over the test images. */
function compareAccuracies(
  first: Scores,
  second: Scores,
  groups: FrequencyGroups,
  seed: number,
): Record<string, Interval> {
  const labels = classesOf(first);
  const [before, after] = [first, second].map((scores) => {
    const { predictions } = shotAccuracy(scores, labels, groups);
    return labels.map((label, i) => Number(predictions[i] === label));
  });
  const imagesOf = (classes: readonly number[]): number[] => labels.flatMap((c, i) => (classes.includes(c) ? [i] : []));
  return pairedMeansBootstrap(before, after, {
    groups: {
      total: [...labels.keys()],
      head: imagesOf(groups.head),
      medium: imagesOf(groups.medium),
      tail: imagesOf(groups.tail),
    },
    random: new RandomStream(seed),
  });
}

/** [C] top-1 of the images of each class. */
function classAccuracies(scores: Scores): number[] {
  const labels = classesOf(scores);
  const { predictions } = shotAccuracy(scores, labels, { head: [], medium: [], tail: [] });
  return Array.from({ length: scores.columns }, (_, c) => {
    const images = labels.flatMap((label, i) => (label === c ? [i] : []));
    return images.filter((i) => predictions[i] === c).length / images.length;
  });
}
