export {
  type DistilConfig,
  type DistillationConfig,
  type MktConfig,
  mktConfigSchema,
  mktPresets,
  type PromptConfig,
  type RankingConfig,
} from './config.ts';
export { type DistillationLossOptions, distillationLoss } from './distillation.ts';
export { TwoStreamHead, type TwoStreamHeadOptions } from './head.ts';
export {
  type LabelPrompts,
  type LabelPromptsOptions,
  labelPrompts,
  promptTemplate,
} from './label-prompts.ts';
export { type EmbeddingMatrix, labelRetrieval } from './label-retrieval.ts';
export { freezeLayers, type LayerDecayOptions, lastLayer, layerDecayGroups } from './layer-decay.ts';
export { mkt } from './method.ts';
export { Mkt, type MktOutput, type MktParts } from './mkt.ts';
export { Prompt } from './prompt.ts';
export type { Student } from './student-tokens.ts';
export { topKPool } from './top-k-pool.ts';
export {
  type CombineOptions,
  combineStreams,
  type ImageEmbeddings,
  labelStreams,
  localEvidence,
  type StreamOptions,
  type Streams,
} from './two-stream.ts';
