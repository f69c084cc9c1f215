export { type LabelIssue, labelIssues } from './audit/label-issues.ts';
export { type DuplicateGroup, type NearDuplicateOptions, nearDuplicates } from './audit/near-duplicates.ts';
export { type CalibrationError, expectedCalibrationError } from './calibration/calibration-error.ts';
export type { CalibrationOptions } from './calibration/check-probabilities.ts';
export {
  type ClasswiseCalibrationError,
  classwiseCalibrationError,
} from './calibration/classwise-calibration-error.ts';
export type { FittedTemperature } from './calibration/fit-temperature.ts';
export { sigmoidProbabilities, softmaxProbabilities } from './calibration/probabilities.ts';
export type { ReliabilityBin } from './calibration/reliability-bins.ts';
export { sigmoidTemperature } from './calibration/sigmoid-temperature.ts';
export { softmaxTemperature } from './calibration/softmax-temperature.ts';
export { top1CalibrationError } from './calibration/top1-calibration-error.ts';
export type { BootstrapInterval, BootstrapOptions } from './compare/bootstrap.ts';
export { holm, pValueOfInterval } from './compare/holm.ts';
export type { PairedOptions } from './compare/paired.ts';
export { type PairedBootstrapOptions, pairedBootstrap } from './compare/paired-bootstrap.ts';
export { type PairedMeansOptions, pairedMeansBootstrap } from './compare/paired-means.ts';
export {
  type PairedPermutationOptions,
  type PermutationResult,
  pairedPermutationTest,
} from './compare/paired-permutation.ts';
export { ScoreAccumulator, type ScoreAccumulatorOptions, type ScoreBatch } from './core/score-accumulator.ts';
export type { ScoreMatrix, Scores } from './core/scores.ts';
export { imagesWithPositives, selectScores } from './core/select-scores.ts';
export { type ClassAccuracyReport, classAccuracyReport } from './protocols/class-accuracy-report.ts';
export {
  type LabelRankingReport,
  type LabelRankingReportOptions,
  labelRankingReport,
} from './protocols/label-ranking-report.ts';
export {
  type OpenImagesReport,
  type OpenImagesReportOptions,
  type OpenVocabularyTrack,
  openImagesReport,
} from './protocols/open-images-report.ts';
export {
  type ClassReport,
  type PerClassReportOptions,
  perClassReport,
  positivesPerClass,
} from './protocols/per-class-report.ts';
export { type GroupAccuracy, type ShotAccuracy, shotAccuracy } from './protocols/shot-accuracy.ts';
export { type SplitReport, type SplitReportOptions, type SplitScores, splitReport } from './protocols/split-report.ts';
export { type ApIncrement, type ApIncrements, apIncrements } from './ranking/ap-increments.ts';
export {
  type AveragePrecisionOptions,
  type AveragePrecisionRule,
  averagePrecision,
  elevenPoint,
  interpolated,
  meanAveragePrecision,
  nonInterpolated,
  nonInterpolatedAsl,
} from './ranking/average-precision.ts';
export { type PrecisionRecallAtK, precisionRecallAtK, topKLabelAccuracy } from './ranking/precision-at-k.ts';
export { type RankingCurve, rankingCurve, type ThresholdCurve } from './ranking/ranking-curve.ts';
export { atLeastThresholds } from './threshold/at-least.ts';
export type { ClassThresholds, ThresholdOptions } from './threshold/class-thresholds.ts';
export { type Confusion, confusions } from './threshold/confusions.ts';
export { type Decision, logitAbove, logitAtLeast, probabilityAtLeast } from './threshold/decision.ts';
export { accuracyPerClass, type F1Report, f1Report } from './threshold/f1.ts';
export { maxF1Thresholds } from './threshold/max-f1-thresholds.ts';
export { type McutOptions, type McutResult, mcut } from './threshold/mcut.ts';
export { type PrecisionRecall, type PrecisionRecallOptions, precisionRecall } from './threshold/precision-recall.ts';
export { type ClassPrecisionRecall, precisionRecallPerClass } from './threshold/precision-recall-per-class.ts';
export { type PrecisionThresholdOptions, precisionThresholds } from './threshold/precision-thresholds.ts';
export { countPredictions, type PredictionCounts, type PredictionOptions } from './threshold/predictions.ts';
