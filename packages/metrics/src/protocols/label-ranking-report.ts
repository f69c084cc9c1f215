import { checkOptionNames } from '@ltml/tensor';
import type { Scores } from '../core/scores.ts';
import { averagePrecision, meanAveragePrecision } from '../ranking/average-precision.ts';
import { type PrecisionRecallAtK, precisionRecallAtK } from '../ranking/precision-at-k.ts';

/** How well labels are ranked; fractions. */
export interface LabelRankingReport {
  /** [C] average precision, 0 for a class without positives. */
  readonly averagePrecision: Float64Array;
  readonly meanAveragePrecision: number;
  /** For each of the asked k. */
  readonly atK: readonly PrecisionRecallAtK[];
}

export interface LabelRankingReportOptions {
  /** The k of precision and recall; NUS-WIDE takes 3 and 5. */
  readonly k: readonly number[];
}

/**
 * Open-vocabulary evaluation where every label of every image is annotated, the protocol of NUS-WIDE: all images and all
 * classes count, also those without positives.
 *
 * It is called once for the zero-shot track, with scores among the 81 unseen labels alone, and once for the generalised
 * track, with scores among all 1,006. Where scores depend on the labels that compete, as MKT's do, the first are no columns
 * of the second.
 *
 * @throws ShapeError, DataError; OptionError unless 1 ≤ k ≤ C
 * Source: He et al. (MKT), AAAI 2023, and their code. `openImagesReport` is the protocol of sparse annotations.
 */
export function labelRankingReport(scores: Scores, options: LabelRankingReportOptions): LabelRankingReport {
  checkOptionNames('labelRankingReport', options, ['k']);
  const atK = options.k.map((k) => precisionRecallAtK(scores, k));
  const perClass = averagePrecision(scores);
  return { averagePrecision: perClass, meanAveragePrecision: meanAveragePrecision(perClass), atK };
}
