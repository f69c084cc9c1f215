import { checkOptionNames } from '@ltml/tensor';
import type { Scores } from '../core/scores.ts';
import { averagePrecision, meanAveragePrecision } from '../ranking/average-precision.ts';
import { type PrecisionRecallAtK, precisionRecallAtK } from '../ranking/precision-at-k.ts';

/** How well labels are ranked; fractions. */
export interface LabelRankingReport {
  /** [C] average precision, 0 for a class without positives. */
  readonly averagePrecision: Float64Array;
  /** mAP over all classes. */
  readonly meanAveragePrecision: number;
  /** One entry for each requested k. */
  readonly atK: readonly PrecisionRecallAtK[];
}

/** Options of {@link labelRankingReport}. */
export interface LabelRankingReportOptions {
  /** The values of k for precision and recall; NUS-WIDE uses 3 and 5. */
  readonly k: readonly number[];
}

/**
 * Open-vocabulary evaluation if every label of every image is known: the protocol of NUS-WIDE. All images and all
 * classes count, including those without positives.
 *
 * Call it once for the zero-shot track, with scores among the 81 unseen labels only, and once for the generalised
 * track, with scores among all 1,006. If scores depend on the competing labels, as MKT's do, you cannot take the first
 * scores as columns of the second.
 *
 * @throws ShapeError, DataError; OptionError unless 1 ≤ k ≤ C
 * Source: He et al. (MKT), AAAI 2023, and their code. For sparse annotations use `openImagesReport`.
 */
export function labelRankingReport(scores: Scores, options: LabelRankingReportOptions): LabelRankingReport {
  checkOptionNames('labelRankingReport', options, ['k']);
  const atK = options.k.map((k) => precisionRecallAtK(scores, k));
  const perClass = averagePrecision(scores);
  return { averagePrecision: perClass, meanAveragePrecision: meanAveragePrecision(perClass), atK };
}
