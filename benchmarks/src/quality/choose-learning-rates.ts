import { averagePrecision, meanAveragePrecision } from '@ltml/metrics';
import { crossValidationFolds } from './folds.ts';
import { runMethod, type SuiteParts } from './method-run.ts';
import type { QualityMethod } from './methods.ts';
import type { SuiteProtocol } from './protocol.ts';
import { spread } from './summary.ts';

/** The held-out mAP of each learning rate, and the best. */
export interface LearningRateChoice {
  readonly best: number;
  /** Fractions by learning rate. */
  readonly scores: Readonly<Record<string, number>>;
}

/**
 * Chooses the learning rate of a method by cross-validation on the training images alone: the mean over folds of mAP on
 * the held-out part, over the classes that have images there.
 */
export async function chooseLearningRate(
  method: QualityMethod,
  parts: SuiteParts,
  protocol: SuiteProtocol,
  grid: readonly number[],
  folds: number,
): Promise<LearningRateChoice> {
  const scores: Record<string, number> = {};
  for (const rate of grid) {
    const values: number[] = [];
    for (const { train, heldOut } of crossValidationFolds(parts.train, folds)) {
      // No curve: only the last state is judged.
      const plan = { ...protocol, curveEvery: protocol.epochs };
      const { scores: own } = await runMethod(method, { ...parts, train, test: heldOut }, plan, rate, 0);
      values.push(meanAveragePrecision(averagePrecision(own, { emptyClasses: 'skip' })));
    }
    scores[rate] = spread(values).mean;
  }
  const best = grid.reduce((a, b) => (scores[b] > scores[a] ? b : a));
  return { best, scores };
}
