export {
  ClassAwareSampler,
  type ClassAwareSamplerOptions,
  type ShuffleSource,
} from './class-aware-sampler.ts';
export { ClassBalancedSampler, type ClassBalancedSamplerOptions } from './class-balanced-sampler.ts';
export type { Dataset, ImageSource, InputSource, Sampler } from './dataset.ts';
export { indexByClass } from './index-by-class.ts';
export {
  decodeLabels,
  encodeLabels,
  type LabelCodes,
  labelsFromLists,
  unknownIsMinusOne,
  unknownIsZero,
} from './label-codes.ts';
export { type DropLabelsOptions, dropLabels, keepSinglePositive } from './label-mask.ts';
export { BatchLoader, type BatchLoaderOptions, type BrokenItem, type LoaderState } from './loader.ts';
export { createLongTailed, type LongTailOptions, type ParetoOptions, paretoReference } from './long-tail.ts';
export {
  type ClassResampling,
  classShare,
  imageProbability,
  type ResamplingReport,
  resamplingReport,
} from './resampling.ts';
export { SequentialSampler } from './sequential-sampler.ts';
export { type AspectGroups, UniformSampler, type UniformSamplerOptions } from './uniform-sampler.ts';
export { reconstructVocMlt } from './voc-mlt.ts';
