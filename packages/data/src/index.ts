export type { BrokenItem } from './batch-reader.ts';
export {
  ClassAwareSampler,
  type ClassAwareSamplerOptions,
  type ShuffleSource,
} from './class-aware-sampler.ts';
export { ClassBalancedSampler, type ClassBalancedSamplerOptions } from './class-balanced-sampler.ts';
export { contrastiveViews } from './contrastive-views.ts';
export {
  type ClassEntry,
  type ClassList,
  classGroups,
  classList,
  type DataSet,
  type LabelledPictures,
  multiLabelProtocol,
  type Protocol,
  type SplitRole,
  singleLabelProtocol,
} from './data-set.ts';
export { dealFolds, dealSplits } from './deal-splits.ts';
export {
  type DigitsLtOptions,
  digitsLt,
  digitsLtDifficulty,
} from './digits-lt/digits-lt.ts';
export { type DigitsMlOptions, digitsMl, digitsMlDifficulty } from './digits-lt/digits-ml.ts';
export { type DigitsLtSingleOptions, digitsLtSingle } from './digits-lt/digits-single.ts';
export {
  type DigitsSourceOptions,
  digitsSource,
  digitsSourceDifficulty,
} from './digits-lt/digits-source.ts';
export type { Color, Ink } from './digits-lt/inks.ts';
export type { Difficulty, Placement, Scene } from './digits-lt/scene.ts';
export type { SceneSet } from './digits-lt/scene-set.ts';
export { type CheckedFact, type ExpectedCount, recallOverPrecision } from './expected-count.ts';
export { imageInputs } from './image-inputs.ts';
export { indexByClass } from './index-by-class.ts';
export { type ItemStreams, itemStreams } from './item-streams.ts';
export { type IterativeStratificationOptions, iterativeStratification } from './iterative-stratification.ts';
export {
  decodeLabels,
  encodeLabels,
  type LabelCodes,
  labelsFromLists,
  unknownIsMinusOne,
  unknownIsZero,
} from './label-codes.ts';
export { type DropLabelsOptions, dropLabels, keepSinglePositive } from './label-mask.ts';
export { type LabelSummary, summarizeLabels } from './label-summary.ts';
export type { InputParts, InputSource, LabelledInputs, Sampler } from './labelled-inputs.ts';
export { BatchLoader, type LoaderState } from './loader.ts';
export type { BatchLoaderOptions } from './loader-options.ts';
export { createLongTailed, type LongTailOptions, type ParetoOptions, paretoReference } from './long-tail.ts';
export { cutmix } from './mix/cutmix.ts';
export type { ImageBatch, Mix } from './mix/mix.ts';
export type { MixOptions } from './mix/mix-options.ts';
export { mixup } from './mix/mixup.ts';
export { type Pictures, subsetOfPictures } from './pictures.ts';
export {
  type ClassResampling,
  classShare,
  imageProbability,
  type ResamplingReport,
  resamplingReport,
} from './resampling.ts';
export { SequentialSampler } from './sequential-sampler.ts';
export { type DigitsLtSetOptions, digitsLtSet } from './sets/digits-lt.ts';
export { digitsLtSingleSet } from './sets/digits-lt-single.ts';
export { type DigitsMlSetOptions, digitsMlSet } from './sets/digits-ml.ts';
export type {
  ExpectedSet,
  ExpectedSplit,
  PublishedSet,
  SetOption,
  SetOptionValues,
} from './sets/published-set.ts';
export { type PublishedSetName, type PublishedSetOptions, publishedSets } from './sets/published-sets.ts';
export { setOptions } from './sets/set-options.ts';
export { type Ranks, type Rows, shareOf } from './share.ts';
export { shareOfDataSet, shareOfImages } from './share-of-images.ts';
export { denseLabels, sparseLabels, subsetOfSparseLabels } from './sparse-labels.ts';
export { type StratifiedSplit, type StratifiedSplitOptions, stratifiedSplit } from './stratified-split.ts';
export { subset, subsetOfLabels } from './subset.ts';
export { type AspectGroups, UniformSampler, type UniformSamplerOptions } from './uniform-sampler.ts';
export { reconstructVocMlt } from './voc-mlt.ts';
