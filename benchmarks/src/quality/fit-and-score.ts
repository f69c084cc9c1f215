import type { Dataset } from '@ltml/data';
import type { Scores } from '@ltml/metrics';
import type { RandomStreams } from '@ltml/tensor';
import type { Learner } from '@ltml/tensor/contract';
import { evaluate, fit, type TrainLoader } from '@ltml/train';
import type { CurvePoint, Measures } from './track.ts';

/** One training, and how it is judged. */
export interface FitPlan {
  /** Is disposed of afterwards. */
  readonly learner: Learner;
  readonly loader: TrainLoader;
  /** Of stages that have one of their own; see `fit`. */
  readonly stageLoaders?: Readonly<Record<string, TrainLoader>>;
  readonly random: RandomStreams;
  readonly test: Dataset;
  readonly measure: (scores: Scores) => Measures;
  /** Epochs from one point of the learning curve to the next; no curve if left out. */
  readonly curveEvery?: number;
  /** Told the fraction of the epochs done. */
  readonly onProgress?: (done: number) => void;
}

/** What a training gives: the last state counts, no test image has a say in a checkpoint. */
export interface FitScores {
  readonly scores: Scores;
  readonly measures: Measures;
  readonly curve: readonly CurvePoint[];
  readonly seconds: number;
}

/** Trains a learner and evaluates its last state on the test images. */
export async function fitAndScore(plan: FitPlan): Promise<FitScores> {
  const { learner, loader, stageLoaders, random, test, measure, curveEvery, onProgress = () => {} } = plan;
  const start = performance.now();
  const epochs = learner.stages.reduce((sum, stage) => sum + stage.epochs, 0);
  let done = 0;
  const curve: CurvePoint[] = [];
  try {
    await fit({
      learner,
      loader,
      ...(stageLoaders && { stageLoaders }),
      random,
      ...(curveEvery !== undefined && {
        validation: { dataset: test, every: curveEvery, batchSize: 250, metrics: measure },
      }),
      observers: [
        {
          onEpoch({ step, loss, metrics }) {
            if (metrics) curve.push({ step, loss, measures: metrics });
            onProgress(++done / epochs);
          },
        },
      ],
    });
    const scores = await evaluate(learner, test, { batchSize: 250 });
    return { scores, measures: measure(scores), curve, seconds: (performance.now() - start) / 1000 };
  } finally {
    learner.dispose();
  }
}
