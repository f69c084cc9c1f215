import { checkNumber } from '@ltml/tensor';
import type { Scores } from '../core/scores.ts';
import { type ClassThresholds, chooseThresholds, type ThresholdOptions } from './class-thresholds.ts';

/** Options of {@link precisionThresholds}. */
export interface PrecisionThresholdOptions extends ThresholdOptions {
  /** The precision that each threshold must reach, in (0, 1]. */
  readonly precision: number;
}

/**
 * For each class the threshold with the largest recall among those that reach the requested precision, chosen on known
 * labels; of equal recall the one with the highest precision. A class is present if its score is at least the
 * threshold.
 *
 * @returns for a class that never reaches the precision: a threshold just above its highest score, with precision and
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
