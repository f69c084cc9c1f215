export { AttentionPool, type AttentionPoolOptions } from './attention-pool.ts';
export { BasicBlock, type BasicBlockOptions } from './basic-block.ts';
export { Bottleneck, type BottleneckOptions } from './bottleneck.ts';
export { ClipBottleneck, type ClipBottleneckOptions } from './clip-bottleneck.ts';
export {
  ClipResNet,
  type ClipResNetConfig,
  type ClipResNetOptions,
  type ClipResNetOutput,
  clipResnet50,
  clipResnet101,
} from './clip-resnet.ts';
export type { ClipTowerConfig } from './clip-tower-config.ts';
export {
  ClipVisionTransformer,
  type ClipVisionTransformerConfig,
  type ClipVisionTransformerOutput,
  type ClipVisionTransformerStages,
  type ClipVitOptions,
  clipVitB16,
  clipVitB32,
} from './clip-vision-transformer.ts';
export type { TokenOutput } from './patches.ts';
export { bicubic, bicubicAntialias, bilinear, interpolatePositions, type Resampling } from './position-embedding.ts';
export { type ProjectedOutput, ProjectedResNet } from './projected-resnet.ts';
export {
  type BlockInitializers,
  ResidualAttentionBlock,
  type ResidualAttentionBlockOptions,
} from './residual-attention-block.ts';
export type { ResidualBlock } from './residual-block.ts';
export { ResNet, type ResNetConfig, type ResNetOutput, type ResNetStage } from './resnet.ts';
export { readResnetTiny, resnetTiny, resnetTinyStatistics } from './resnet-tiny.ts';
export {
  type BasicShape,
  type BottleneckShape,
  basicResNet,
  bottleneckResNet,
  type ResNetOptions,
  resnet50,
  resnet101,
  resnext50,
} from './resnets.ts';
export { byteSymbols } from './text/byte-symbols.ts';
export { type EmbedClassesOptions, embedClasses } from './text/class-embeddings.ts';
export { Clip, type ClipOutput, type ImageEmbedding, type ImageTower } from './text/clip.ts';
export { clipSimilarity } from './text/clip-similarity.ts';
export {
  type ClipTextOptions,
  ClipTextTransformer,
  type ClipTextTransformerConfig,
  type ClipTextTransformerStages,
  clipTextTower,
} from './text/clip-text-transformer.ts';
export { type ClipCleaning, ClipTokenizer, type ClipTokenizerOptions, type TokenBatch } from './text/clip-tokenizer.ts';
export { type LoadClipOptions, type LoadClipTextOptions, loadClip, loadClipText } from './text/load-clip.ts';
export { cprflTemplate, ensembleTemplates, fillTemplate, mktTemplate } from './text/prompts.ts';
export { readTinyClip, type TinyClip, tinyClip } from './text/tiny-clip.ts';
export {
  parseTokenizerFile,
  type TokenizerFile,
  tokenizerFromMerges,
  writeTokenizerFile,
} from './text/tokenizer-file.ts';
export { embedByWordVectors } from './text/word-vectors.ts';
export {
  VisionTransformer,
  type VisionTransformerConfig,
  type VisionTransformerStages,
  type VitOptions,
  vitB16,
} from './vision-transformer.ts';
export { type Architecture, describeArchitecture, readArchitecture } from './weights/architecture.ts';
export { inspectWeights, type WeightSummary } from './weights/inspect.ts';
export { detectLayout, type Family, type WeightLayout, weightLayouts } from './weights/layouts.ts';
export { clipImage, clipText, type LoadReport, type LoadWeightsOptions, loadWeights } from './weights/load.ts';
export { loadClipImage, loadResNet, loadVisionTransformer } from './weights/load-networks.ts';
export type { Placement } from './weights/placement.ts';
export { type PlannedTensor, planWeights, type WeightPlan } from './weights/plan.ts';
export { bytesSource, tensorSource, type WeightSource } from './weights/source.ts';
export { type BuildEncoderOptions, buildEncoder, type EncoderNetwork } from './zoo/build-encoder.ts';
export { encoderByName, type NamedEncoder } from './zoo/encoder-by-name.ts';
export { type LoadEncoderOptions, loadEncoder } from './zoo/load-encoder.ts';
export {
  type InputStatistics,
  type Preprocessing,
  type PreprocessingStep,
  preprocessingOf,
  preprocessingSteps,
} from './zoo/preprocessing.ts';
export { buildTextTower, loadTextTower } from './zoo/text-tower.ts';
export { zoo } from './zoo/zoo.ts';
export type { KnownWeights, ZooEncoder, ZooNetwork } from './zoo/zoo-encoder.ts';
