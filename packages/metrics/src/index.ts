export { type ApIncrement, type ApIncrements, apIncrements } from './ap-increments.ts';
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
export type { BootstrapInterval, BootstrapOptions } from './bootstrap.ts';
export { type Decision, logitAbove, logitAtLeast, probabilityAtLeast } from './decision.ts';
export { accuracyPerClass, type F1Report, f1Report } from './f1.ts';
export { type LabelRankingReport, type LabelRankingReportOptions, labelRankingReport } from './label-ranking-report.ts';
export {
  type OpenImagesReport,
  type OpenImagesReportOptions,
  type OpenVocabularyTrack,
  openImagesReport,
} from './open-images-report.ts';
export type { PairedOptions } from './paired.ts';
export { type PairedBootstrapOptions, pairedBootstrap } from './paired-bootstrap.ts';
export { type PairedMeansOptions, pairedMeansBootstrap } from './paired-means.ts';
export {
  type PairedPermutationOptions,
  type PermutationResult,
  pairedPermutationTest,
} from './paired-permutation.ts';
export {
  type ClassReport,
  type PerClassReportOptions,
  perClassReport,
  positivesPerClass,
} from './per-class-report.ts';
export { type PrecisionRecallAtK, precisionRecallAtK, topKLabelAccuracy } from './precision-at-k.ts';
export { type PrecisionRecall, type PrecisionRecallOptions, precisionRecall } from './precision-recall.ts';
export { countPredictions, type PredictionCounts, type PredictionOptions } from './predictions.ts';
export { type RankingCurve, rankingCurve } from './ranking-curve.ts';
export { ScoreAccumulator, type ScoreAccumulatorOptions, type ScoreBatch } from './score-accumulator.ts';
export type { ScoreMatrix, Scores } from './scores.ts';
export { imagesWithPositives, selectScores } from './select-scores.ts';
export { type GroupAccuracy, type ShotAccuracy, shotAccuracy } from './shot-accuracy.ts';
export { type SplitReport, type SplitReportOptions, type SplitScores, splitReport } from './split-report.ts';
