export {
  type BalancedContrastiveOptions,
  type BclOptions,
  balancedContrastive,
  bclLoss,
} from './balanced-contrastive.ts';
export { BalancedQueue, type BalancedQueueOptions } from './balanced-queue.ts';
export { type DsclConfig, type DsclPreset, dsclConfigSchema, dsclPresets } from './config.ts';
export { type ContrastOptions, type DsclOptions, dsclLoss, dsclMinimum, sclLoss } from './contrastive-loss.ts';
export {
  type CandidateLogProbabilities,
  candidateLogProbabilities,
  type GradientRatioOptions,
  gradientParts,
  gradientRatio,
  type Pulls,
} from './gradient-ratio.ts';
export { copyState, ProjectedEncoder } from './key-encoder.ts';
export type { LabelledKeys } from './labelled-keys.ts';
export { LabelledQueue, type LabelledQueueOptions } from './labelled-queue.ts';
export { Dscl, type DsclParts } from './learner.ts';
export { type LogBessel, logBesselI } from './log-bessel.ts';
export { dscl } from './method.ts';
export {
  dsclMultiLabelImage,
  type MultiLabelImageOptions,
  type MultiLabelKeys,
  type MultiLabelTargets,
  multiLabelTargets,
} from './multi-label-image.ts';
export {
  dsclMultiLabelInstances,
  gatherInstances,
  type InstanceOptions,
  type Instances,
  instancesOf,
} from './multi-label-instances.ts';
export { type GpacoOptions, gpacoLoss, type PacoOptions, pacoLoss } from './paco.ts';
export { type Patches, type PbsdOptions, pbsdLoss } from './pbsd.ts';
export { type ProcoEstimators, type ProcoOptions, procoLogits, procoLoss, procoStep } from './proco.ts';
export { ProjectionHead, type ProjectionHeadOptions } from './projection-head.ts';
export type { EmptyPositives } from './target-weights.ts';
export { checkViews } from './views.ts';
export {
  type ConcentrationOptions,
  startVmf,
  type VmfEstimator,
  vmfConcentration,
  vmfEstimator,
} from './vmf-estimator.ts';
