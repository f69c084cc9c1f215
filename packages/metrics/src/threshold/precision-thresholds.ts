import { checkNumber } from '@ltml/tensor';
import type { Scores } from '../core/scores.ts';
import { type ClassThresholds, chooseThresholds, type ThresholdOptions } from './class-thresholds.ts';

export interface PrecisionThresholdOptions extends ThresholdOptions {
  /** Precision that each threshold should reach, in (0, 1]. */
  readonly precision: number;
}

/**
 * The threshold of the largest recall for each class whose precision is at least what is asked for, by known labels; of
 * equal recall the highest precision. A class is present where its score is at least the threshold.
 *
 * @returns for a class that reaches the precision nowhere a threshold just above its highest score, with precision and
 *   recall 0
 * @throws ShapeError, DataError; OptionError
 */
export function precisionThresholds(
  scores: Scores,
  { precision, ...options }: PrecisionThresholdOptions,
): ClassThresholds {
  checkNumber('precisionThresholds', 'options.precision', precision, { above: 0, max: 1 });
  return chooseThresholds('precisionThresholds', scores, options, ({ truePositives, retrieved }) => {
    // Recall rises from point to point.
    for (let point = retrieved.length - 1; point >= 0; point--) {
      if (truePositives[point] / retrieved[point] >= precision) return point;
    }
    return -1;
  });
}
