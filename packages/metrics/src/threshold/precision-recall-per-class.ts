import { checkCounts } from '../core/check-counts.ts';
import { ratio } from './precision-recall.ts';
import type { PredictionCounts } from './predictions.ts';

/** All [C], fractions. */
export interface ClassPrecisionRecall {
  readonly precision: Float64Array;
  readonly recall: Float64Array;
  readonly f1: Float64Array;
}

/**
 * Precision, recall and F1 of each class, from counts of `countPredictions`.
 *
 * Edge cases: 0/0 is 0, for the precision of a class that is never predicted and the recall of one without positives.
 *
 * @throws ShapeError, DataError on counts that are none
 */
export function precisionRecallPerClass(counts: PredictionCounts): ClassPrecisionRecall {
  checkCounts('precisionRecallPerClass', counts);
  const { correct, predicted, present } = counts;
  return {
    precision: Float64Array.from(correct, (value, c) => ratio(value, predicted[c])),
    recall: Float64Array.from(correct, (value, c) => ratio(value, present[c])),
    f1: Float64Array.from(correct, (value, c) => ratio(2 * value, predicted[c] + present[c])),
  };
}
