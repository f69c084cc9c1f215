import type { LabelledInputs } from '@ltml/data';
import type { Scores } from '@ltml/metrics';

/** Named numbers of scores, for the log and for selection; {@link averagePrecisionMetrics} makes the usual ones. */
export interface MetricsOfScores {
  (scores: Scores): Readonly<Record<string, number>>;
  /** The names it gives. Where they are told, a selection by another one is refused before the first step. */
  readonly names?: readonly string[];
}

/** What a run is evaluated with while it trains. */
export interface Validation {
  readonly dataset: LabelledInputs;
  /** Images at a time; default 64. */
  readonly batchSize?: number;
  /** Epochs from one evaluation to the next; default 1. The last epoch of a stage is always evaluated. */
  readonly every?: number;
  readonly metrics: MetricsOfScores;
}
