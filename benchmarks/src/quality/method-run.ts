import { BatchLoader, ClassAwareSampler, type Dataset, indexByClass, type Sampler, UniformSampler } from '@ltml/data';
import { type Scores, splitReport } from '@ltml/metrics';
import { RandomStreams } from '@ltml/tensor';
import type { Encoder } from '@ltml/tensor/contract';
import { classStatistics, frequencyGroups } from '@ltml/tensor/labels';
import { classifier, evaluate, fit } from '@ltml/train';
import type { QualityMethod } from './methods.ts';
import { classifierConfig, type SuiteProtocol } from './protocol.ts';
import type { CurvePoint, GroupScores } from './record.ts';

/** Data and network that all methods of a suite start from. */
export interface SuiteParts {
  readonly train: Dataset;
  readonly test: Dataset;
  /** D, features of an image. */
  readonly features: number;
  /** A fresh pretrained backbone for a run that trains it; left out where the inputs are features. */
  readonly createBackbone?: () => Promise<Encoder>;
}

/** What a run of one method with one seed gives. */
export interface MethodRun {
  readonly mAP: GroupScores;
  /** [C] fractions. */
  readonly perClass: readonly number[];
  readonly curve: readonly CurvePoint[];
  readonly seconds: number;
  /** Of the test images after the last step. */
  readonly scores: Scores;
}

/** Trains one method with one seed and evaluates its last state on the test images. */
export async function runMethod(
  method: QualityMethod,
  parts: SuiteParts,
  protocol: SuiteProtocol,
  learningRate: number,
  seed: number,
  onEpoch: () => void = () => {},
): Promise<MethodRun> {
  const start = performance.now();
  const { train, test } = parts;
  const random = new RandomStreams(seed);
  const statistics = classStatistics(train.labels);
  const groups = frequencyGroups(statistics.classCounts);
  const loader = new BatchLoader({
    dataset: train,
    sampler: createSampler(method.sampler, train, random),
    batchSize: protocol.batchSize,
    dropLast: true,
    random,
  });
  const learner = classifier.create(
    { classes: train.classes, statistics },
    {
      criterion: method.criterion(statistics),
      features: parts.features,
      ...(parts.createBackbone && { backbone: await parts.createBackbone() }),
    },
    classifierConfig(protocol, learningRate),
    random,
  );
  const measure = (scores: Scores): GroupScores => {
    const { total, head, medium, tail } = splitReport(scores, groups);
    return {
      total: total.meanAveragePrecision,
      head: head.meanAveragePrecision,
      medium: medium.meanAveragePrecision,
      tail: tail.meanAveragePrecision,
    };
  };
  const curve: CurvePoint[] = [];
  try {
    await fit({
      learner,
      loader,
      random,
      validation: {
        dataset: test,
        every: protocol.curveEvery,
        batchSize: 250,
        metrics: (scores) => ({ ...measure(scores) }),
      },
      observers: [
        {
          onEpoch({ step, loss, metrics }) {
            if (metrics) curve.push({ step, loss, mAP: metrics as unknown as GroupScores });
            onEpoch();
          },
        },
      ],
    });
    const scores = await evaluate(learner, test, { batchSize: 250 });
    const perClass = Array.from(splitReport(scores, groups).averagePrecision);
    return { mAP: measure(scores), perClass, curve, seconds: (performance.now() - start) / 1000, scores };
  } finally {
    learner.dispose();
  }
}

/** Both samplers have epochs as long as the training set, so that every method does the same number of steps. */
function createSampler(kind: QualityMethod['sampler'], { labels }: Dataset, random: RandomStreams): Sampler {
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
