export {
  type AveragePrecisionOptions,
  type AveragePrecisionRule,
  averagePrecision,
  elevenPoint,
  interpolated,
  meanAveragePrecision,
  nonInterpolated,
  nonInterpolatedAsl,
} from './average-precision.ts';
export { type Decision, logitAbove, logitAtLeast, probabilityAtLeast } from './decision.ts';
export { accuracyPerClass, type F1Report, f1Report } from './f1.ts';
export { type ClassReport, type PerClassReportOptions, perClassReport } from './per-class-report.ts';
export { type PrecisionRecall, type PrecisionRecallOptions, precisionRecall } from './precision-recall.ts';
export { countPredictions, type PredictionCounts, type PredictionOptions } from './predictions.ts';
export { type RankingCurve, rankingCurve } from './ranking-curve.ts';
export { ScoreAccumulator, type ScoreAccumulatorOptions, type ScoreBatch } from './score-accumulator.ts';
export type { ScoreMatrix, Scores } from './scores.ts';
export { type SplitReport, type SplitReportOptions, type SplitScores, splitReport } from './split-report.ts';
