export { cooccurrenceAdjacency } from './adjacency.ts';
export type { BlendOptions, LabelledFeatures } from './blend.ts';
export {
  type AttentionConfig,
  type BlendingConfig,
  type ContrastiveConfig,
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
export { Sarb, type SarbParts } from './sarb.ts';
export { type BlendingSchedule, contrastiveWeight, isBlending, prototypesDue } from './schedule.ts';
export { SemanticAttention, type SemanticAttentionOptions } from './semantic-attention.ts';
export { type ClassFeatures, SemanticDecoupling, type SemanticDecouplingOptions } from './semantic-decoupling.ts';
