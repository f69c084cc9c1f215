import type { LabelledInputs } from '@ltml/data';
import type { Scores } from '@ltml/metrics';

/**
 * A function from scores to named metrics, for logs and selection. {@link averagePrecisionMetrics} makes the usual
 * ones.
 */
export interface MetricsOfScores {
  (scores: Scores): Readonly<Record<string, number>>;
  /** Names of the metrics. If they are given, a selection by an unknown metric is rejected before the first step. */
  readonly names?: readonly string[];
}

/** Options of the evaluation during training. */
export interface Validation {
  /** Images to evaluate, with labels; never trained on. */
  readonly dataset: LabelledInputs;
  /** Images per batch; default 64. */
  readonly batchSize?: number;
  /** Epochs between evaluations; default 1. The last epoch of a stage is always evaluated. */
  readonly every?: number;
  /** Computes metrics from their scores. */
  readonly metrics: MetricsOfScores;
}
