import {
  countPredictions,
  logitAbove,
  type PrecisionRecall,
  precisionRecall,
  type Scores,
  shotAccuracy,
} from '@ltml/metrics';
import type { ScoreKind } from '@ltml/tensor/contract';
import type { FrequencyGroups } from '@ltml/tensor/labels';
import { ownClasses } from '../evaluation/own-classes.ts';

/** A number that epochs are compared by. */
export interface EpochMetric {
  /** Whether it is for data with exactly one label per image, or for multi-label data. */
  readonly labels: 'single' | 'multi';
  /** The only kind of scores that it is defined for; left out: any. */
  readonly scores?: ScoreKind;
  value(scores: Scores, groups: FrequencyGroups): number;
}

/** Metrics that epochs are compared by, in addition to mAP. */
export const metrics: Readonly<Record<string, EpochMetric>> = {
  CF1: { labels: 'multi', scores: 'sigmoid', value: (scores) => atEvenOdds(scores).classF1 },
  OF1: { labels: 'multi', scores: 'sigmoid', value: (scores) => atEvenOdds(scores).overallF1 },
  accuracy: { labels: 'single', value: (scores, groups) => shotAccuracy(scores, ownClasses(scores), groups).top1 },
};

/** Precision and recall if a class counts as present from a probability of one half. */
function atEvenOdds(scores: Scores): PrecisionRecall {
  return precisionRecall(countPredictions(scores, { decide: logitAbove(0) }));
}
