import { checkCounts } from '../core/check-counts.ts';
import { ratio } from './precision-recall.ts';
import type { PredictionCounts } from './predictions.ts';

/** Precision, recall and F1 of each class; [C] each, fractions. */
export interface ClassPrecisionRecall {
  readonly precision: Float64Array;
  readonly recall: Float64Array;
  readonly f1: Float64Array;
}

/**
 * Precision, recall and F1 of each class, from the counts of `countPredictions`.
 *
 * Edge cases: 0/0 is 0, e.g. the precision of a class that is never predicted, or the recall of a class without
 * positives.
 *
 * @throws ShapeError, DataError on invalid counts
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
