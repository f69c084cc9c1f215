export {
  ClassAwareSampler,
  type ClassAwareSamplerOptions,
  type ShuffleSource,
} from './class-aware-sampler.ts';
export { ClassBalancedSampler, type ClassBalancedSamplerOptions } from './class-balanced-sampler.ts';
export type { Dataset, ImageSource, InputSource, Sampler } from './dataset.ts';
export { indexByClass } from './index-by-class.ts';
export { BatchLoader, type BatchLoaderOptions, type BrokenItem, type LoaderState } from './loader.ts';
export { SequentialSampler } from './sequential-sampler.ts';
export { type AspectGroups, UniformSampler, type UniformSamplerOptions } from './uniform-sampler.ts';
