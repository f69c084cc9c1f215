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

/** How thresholds are chosen, from the scores of validation images. */
export type ThresholdRule = (scores: Scores) => Thresholds;

/** One threshold for all classes, of the largest F1 over all their labels. */
export const oneThreshold: ThresholdRule = (scores) => {
  const [threshold] = maxF1Thresholds(scores, { pooled: true, fallback: 0 }).thresholds;
  return Array.from({ length: scores.columns }, () => threshold);
};

/** The threshold of the largest F1 of each class; of one without positives to choose by, the one for all. */
export const thresholdPerClass: ThresholdRule = (scores) => {
  const [pooled] = maxF1Thresholds(scores, { pooled: true, fallback: 0 }).thresholds;
  return Array.from(maxF1Thresholds(scores, { fallback: pooled }).thresholds);
};

/** The threshold of the largest recall of each class with at least a precision; as above without positives. */
export function thresholdOfPrecision(precision: number): ThresholdRule {
  return (scores) => {
    const [pooled] = maxF1Thresholds(scores, { pooled: true, fallback: 0 }).thresholds;
    return Array.from(precisionThresholds(scores, { precision, fallback: pooled }).thresholds);
  };
}

/** The largest gap of each image. */
export const largestGap: ThresholdRule = () => 'mcut';

/** What is chosen and fitted on validation images, as a model keeps it. */
export interface Tuning {
  readonly thresholds: Thresholds | null;
  readonly calibration: Calibration | null;
}

/**
 * Chooses thresholds and fits the temperature of a model.
 *
 * Scores of classes that exclude one another get no thresholds, the likeliest class counts; relative scores get no
 * temperature, and no thresholds but the largest gap.
 *
 * @param scores of validation images, which were not trained on and are not tested on
 * @throws UsageError for thresholds that the scores have no use for, and where nothing is known
 */
export function tune(scores: Scores, kind: ScoreKind, rule: ThresholdRule): Tuning {
  const isKnown = scores.rows > 0 && (!scores.known || scores.known.includes(1));
  if (!isKnown) throw new UsageError('no label of the validation images is known: there is nothing to choose by');
  if (kind === 'softmax') {
    const single = singleLabels(scores);
    return { thresholds: null, calibration: calibrationOf(softmaxTemperature(single.scores, single.labels)) };
  }
  const thresholds = rule(scores);
  if (kind === 'sigmoid') return { thresholds, calibration: calibrationOf(sigmoidTemperature(scores)) };
  if (thresholds === 'mcut') return { thresholds, calibration: null };
  throw new UsageError('the scores of this method only rank the classes of an image: no threshold fits them but mcut');
}

function calibrationOf({ temperature }: Calibration): Calibration {
  return { temperature };
}
