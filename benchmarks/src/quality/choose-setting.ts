import type { Dataset } from '@ltml/data';
import { averagePrecision, meanAveragePrecision, type Scores } from '@ltml/metrics';
import { crossValidationFolds } from './folds.ts';
import { spread } from './summary.ts';

/** The held-out mAP of each candidate, and the best. */
export interface SettingChoice<Setting> {
  readonly best: Setting;
  /** Fractions, in the order of the candidates. */
  readonly scores: readonly number[];
}

/**
 * Chooses a setting of a method by cross-validation on the training images alone: the mean over folds of mAP on the
 * held-out part, over the classes that have images there.
 *
 * @param train trains on one set with a candidate and scores the other
 */
export async function chooseSetting<Setting>(
  dataset: Dataset,
  candidates: readonly Setting[],
  folds: number,
  train: (setting: Setting, train: Dataset, heldOut: Dataset) => Promise<Scores>,
): Promise<SettingChoice<Setting>> {
  const scores: number[] = [];
  for (const setting of candidates) {
    const values: number[] = [];
    for (const fold of crossValidationFolds(dataset, folds)) {
      const own = await train(setting, fold.train, fold.heldOut);
      values.push(meanAveragePrecision(averagePrecision(own, { emptyClasses: 'skip' })));
    }
    scores.push(spread(values).mean);
  }
  return { best: candidates[scores.indexOf(Math.max(...scores))], scores };
}
