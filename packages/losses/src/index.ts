export { type ClassStatistics, classStatistics, type FrequencyGroups, frequencyGroups } from '@ltml/tensor/labels';
export { type AsymmetricLossOptions, asymmetricLoss } from './asymmetric.ts';
export { type AsymmetricLossSingleLabelOptions, asymmetricLossSingleLabel } from './asymmetric-single-label.ts';
export { type BinaryCrossEntropyOptions, binaryCrossEntropy } from './binary-cross-entropy.ts';
export { checkFinite, type LossOptions, type MaskedLossOptions } from './checks.ts';
export {
  type DistributionBalancedLossOptions,
  type DistributionBalancedParts,
  distributionBalancedLoss,
  distributionBalancedParts,
  type FocalFactor,
  type WeightNorm,
} from './distribution-balanced.ts';
export { type FocalLossOptions, focalLoss } from './focal.ts';
export { type KPositiveCrossEntropyOptions, kPositiveCrossEntropy } from './k-positive.ts';
export { type GcnAdjacency, type GcnAdjacencyOptions, gcnAdjacency } from './label-graph.ts';
export { type LdamLossOptions, ldamLoss, ldamMargins } from './ldam.ts';
export { type LogitAdjustmentOptions, logitAdjustment, logitOffsets } from './logit-adjustment.ts';
export { type MultiLabelSoftMarginOptions, multiLabelSoftMargin } from './multi-label-soft-margin.ts';
export {
  type PartialBinaryCrossEntropyOptions,
  partialBinaryCrossEntropy,
  partialBinaryCrossEntropyPerImage,
} from './partial-binary-cross-entropy.ts';
export { type PresetName, type Presets, presets } from './presets.ts';
export { type RankingLossOptions, rankingLoss, rankingViolations } from './ranking.ts';
export type { Reduced, ReducedRows, Reduction } from './reduction.ts';
export {
  type ClassBalancedMode,
  type ClassBalancedOptions,
  classBalancedWeights,
  type RebalanceOptions,
  type Reweighting,
  rebalancedWeights,
  repeatRate,
  reweight,
} from './reweighting.ts';
export { cosineSimilarityLoss, reconstructionLoss } from './similarity.ts';
export {
  type ClassFrequencies,
  effectiveNumber,
  type FrequencyOptions,
  type NegativeTolerance,
  negativeTolerantShift,
} from './statistics.ts';
