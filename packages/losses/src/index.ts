export { type ClassStatistics, classStatistics, type FrequencyGroups, frequencyGroups } from '@ltml/tensor/labels';
export { type AsymmetricLossOptions, asymmetricLoss } from './binary/asymmetric.ts';
export { type BinaryCrossEntropyOptions, binaryCrossEntropy } from './binary/binary-cross-entropy.ts';
export {
  type DistributionBalancedLossOptions,
  type DistributionBalancedParts,
  distributionBalancedLoss,
  distributionBalancedParts,
  type FocalFactor,
  type WeightNorm,
} from './binary/distribution-balanced.ts';
export { distributionBalancedPictures } from './binary/distribution-balanced-pictures.ts';
export { type FocalLossOptions, focalLoss } from './binary/focal.ts';
export { type HillLossOptions, hillLoss } from './binary/hill.ts';
export { LabelCorrection, type LabelCorrectionOptions } from './binary/label-correction.ts';
export { type LdamLossOptions, ldamLoss, ldamMargins } from './binary/ldam.ts';
export { type MultiGrainedFocalOptions, multiGrainedFocal } from './binary/multi-grained-focal.ts';
export { type MultiLabelSoftMarginOptions, multiLabelSoftMargin } from './binary/multi-label-soft-margin.ts';
export {
  type PartialBinaryCrossEntropyOptions,
  partialBinaryCrossEntropy,
  partialBinaryCrossEntropyPerImage,
} from './binary/partial-binary-cross-entropy.ts';
export {
  type PartialSelectiveLossOptions,
  partialSelectiveLoss,
  partialSelectiveWeights,
  type SelectiveMode,
} from './binary/partial-selective.ts';
export { type PresetName, type Presets, presets } from './binary/presets.ts';
export { type PriorFocalModifierOptions, priorFocalModifier } from './binary/prior-focal-modifier.ts';
export {
  type ReflectedCounts,
  type ReflectedLabels,
  type ReflectiveLabelCorrectionOptions,
  type ReflectLabelsOptions,
  reflectiveLabelCorrection,
  reflectLabels,
} from './binary/reflective-label-correction.ts';
export { type PseudoLabelOptions, type SplcLossOptions, splcLoss, splcPseudoLabels } from './binary/splc.ts';
export { checkFinite, type LossOptions, type MaskedLossOptions } from './core/checks.ts';
export type { Reduced, ReducedRows, Reduction } from './core/reduction.ts';
export { cosineSimilarityLoss, reconstructionLoss } from './embedding/similarity.ts';
export { type RankingLossOptions, rankingLoss, rankingViolations } from './ranking/ranking.ts';
export { type TwoWayLossOptions, twoWayLoss } from './ranking/two-way.ts';
export { type AsymmetricLossSingleLabelOptions, asymmetricLossSingleLabel } from './softmax/asymmetric-single-label.ts';
export { type BalancedSoftmaxOptions, balancedSoftmax } from './softmax/balanced-softmax.ts';
export { type KPositiveCrossEntropyOptions, kPositiveCrossEntropy } from './softmax/k-positive.ts';
export { type LadeLossOptions, type LadeRegularizerOptions, ladeLoss, ladeRegularizer } from './softmax/lade.ts';
export { type LogitAdjustmentOptions, logitAdjustment, logitOffsets } from './softmax/logit-adjustment.ts';
export { ClassPrior } from './weights/class-prior.ts';
export { coOccurrenceShares } from './weights/co-occurrence.ts';
export { type GcnAdjacency, type GcnAdjacencyOptions, gcnAdjacency } from './weights/label-graph.ts';
export {
  type ClassBalancedMode,
  type ClassBalancedOptions,
  classBalancedWeights,
  type RebalanceOptions,
  type Reweighting,
  rebalancedWeights,
  repeatRate,
  reweight,
} from './weights/reweighting.ts';
export {
  type ClassFrequencies,
  classShares,
  effectiveNumber,
  type FrequencyOptions,
  type NegativeTolerance,
  negativeTolerantShift,
} from './weights/statistics.ts';
