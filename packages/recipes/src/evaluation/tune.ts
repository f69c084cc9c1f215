import {
  maxF1Thresholds,
  precisionThresholds,
  type Scores,
  sigmoidTemperature,
  softmaxTemperature,
} from '@ltml/metrics';
import type { ScoreKind } from '@ltml/tensor/contract';
import type { Calibration, Thresholds } from '../model/model-description.ts';
import { UsageError } from '../usage-error.ts';
import { singleLabels } from './score-use.ts';

/** A rule that chooses thresholds from the scores of validation images. */
export type ThresholdRule = (scores: Scores) => Thresholds;

/** One threshold for all classes: the one with the largest F1 over all labels. */
export const oneThreshold: ThresholdRule = (scores) => {
  const [threshold] = maxF1Thresholds(scores, { pooled: true, fallback: 0 }).thresholds;
  return Array.from({ length: scores.columns }, () => threshold);
};

/** For each class the threshold with its largest F1; the common threshold for classes without positives. */
export const thresholdPerClass: ThresholdRule = (scores) => {
  const [pooled] = maxF1Thresholds(scores, { pooled: true, fallback: 0 }).thresholds;
  return Array.from(maxF1Thresholds(scores, { fallback: pooled }).thresholds);
};

/**
 * For each class the threshold with the largest recall at a precision of at least `precision`, in (0, 1]; the common
 * threshold for classes without positives.
 */
export function thresholdOfPrecision(precision: number): ThresholdRule {
  return (scores) => {
    const [pooled] = maxF1Thresholds(scores, { pooled: true, fallback: 0 }).thresholds;
    return Array.from(precisionThresholds(scores, { precision, fallback: pooled }).thresholds);
  };
}

/** No thresholds: classes above the largest gap between the sorted scores of an image count as present. */
export const largestGap: ThresholdRule = () => 'mcut';

/** What was chosen and fitted on validation images. A model stores it. */
export interface Tuning {
  readonly thresholds: Thresholds | null;
  readonly calibration: Calibration | null;
}

/**
 * Chooses thresholds and fits the temperature of a model.
 *
 * Softmax scores get a temperature but no thresholds: the likeliest class counts. Relative scores get no temperature,
 * and no thresholds except `mcut`.
 *
 * @param scores of validation images: not used in training, and not the test images
 * @param kind of the scores
 * @throws UsageError if the scores can't use such thresholds, or if no label is known
 */
export function tune(scores: Scores, kind: ScoreKind, rule: ThresholdRule): Tuning {
  const isKnown = scores.rows > 0 && (!scores.known || scores.known.includes(1));
  if (!isKnown) throw new UsageError('no label of the validation images is known, so nothing can be chosen');
  if (kind === 'softmax') {
    const single = singleLabels(scores);
    return { thresholds: null, calibration: calibrationOf(softmaxTemperature(single.scores, single.labels)) };
  }
  const thresholds = rule(scores);
  if (kind === 'sigmoid') return { thresholds, calibration: calibrationOf(sigmoidTemperature(scores)) };
  if (thresholds === 'mcut') return { thresholds, calibration: null };
  throw new UsageError('the scores of this method only rank the classes of an image: only the rule mcut fits them');
}

function calibrationOf({ temperature }: Calibration): Calibration {
  return { temperature };
}
