export { cooccurrenceAdjacency } from './adjacency.ts';
export type { BlendOptions, LabelledFeatures } from './blend.ts';
export {
  type BlendingConfig,
  type SarbConfig,
  type SarbPreset,
  sarbConfigSchema,
  sarbPresets,
} from './config.ts';
export {
  type ContrastiveOptions,
  type ContrastivePairs,
  contrastiveLoss,
  contrastivePairs,
  pairPlaces,
} from './contrastive.ts';
export type { ContrastiveConfig } from './contrastive-config.ts';
export { ElementWiseLinear, type ElementWiseLinearOptions } from './element-wise-linear.ts';
export { GatedGraphNetwork, type GatedGraphNetworkOptions } from './gated-graph-network.ts';
export { GraphClassifier } from './graph-classifier.ts';
export { blendInstances, type InstanceBlendingOptions, type Pairing, pairedBy, reversal } from './instance-blending.ts';
export { sarb } from './method.ts';
export {
  blendPrototypes,
  type ChosenPrototypes,
  choosePrototypes,
  type PrototypeBlendingOptions,
  type PrototypeChoice,
} from './prototype-blending.ts';
export { type ClassPrototypes, type ClassPrototypesOptions, classPrototypes } from './prototypes/class-prototypes.ts';
export { type KMeansOptions, kMeans } from './prototypes/k-means.ts';
export { type Clustering, type LloydOptions, lloyd } from './prototypes/lloyd.ts';
export {
  type PlacedFeatures,
  type QuadrantPrototypes,
  type QuadrantPrototypesOptions,
  quadrantPrototypes,
} from './prototypes/quadrant-prototypes.ts';
export { attentionQuadrants, chooseQuadrants, type QuadrantChoice } from './quadrants.ts';
export { Sarb, type SarbParts } from './sarb.ts';
export { type BlendingSchedule, contrastiveWeight, isBlending, prototypesDue } from './schedule.ts';
export { SemanticAttention, type SemanticAttentionOptions } from './semantic-attention.ts';
export { type ClassFeatures, SemanticDecoupling, type SemanticDecouplingOptions } from './semantic-decoupling.ts';
export { Ssgrl, type SsgrlParts } from './ssgrl.ts';
export type { AttentionConfig, SsgrlConfig } from './ssgrl-config.ts';
export { type ClassPairs, classPairs } from './transfer/class-pairs.ts';
export { classSimilarity, meanDirection } from './transfer/class-similarity.ts';
export { CoOccurrence, type CoOccurrenceOptions } from './transfer/co-occurrence.ts';
export {
  type InterConfig,
  type IntraConfig,
  type TransferConfig,
  type TransferPreset,
  transferConfigSchema,
  transferPresets,
} from './transfer/config.ts';
export { fallingMargin, type MarginConfig } from './transfer/margin.ts';
export { meanCoOccurrence } from './transfer/mean-co-occurrence.ts';
export { semanticTransfer } from './transfer/method.ts';
export { type PairLabels, pairLabels } from './transfer/pair-labels.ts';
export { PositivesQueue, type PositivesQueueOptions } from './transfer/positives-queue.ts';
export { prototypeDistance } from './transfer/prototype-distance.ts';
export { type PseudoLabels, pseudoLabels } from './transfer/pseudo-labels.ts';
export { SemanticTransfer, type SemanticTransferParts } from './transfer/semantic-transfer.ts';
