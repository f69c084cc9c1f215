export { AdaptFormer, type AdaptFormerOptions, adapterWidth } from './adapt-former.ts';
export { type AttachOptions, attachAdapters } from './attach-adapters.ts';
export {
  type LiftConfig,
  type LiftHeadConfig,
  liftConfigSchema,
  liftHeadConfigSchema,
  liftHeadPresets,
  liftPresets,
} from './config.ts';
export { CosineHead, type CosineHeadOptions } from './cosine-head.ts';
export { averageCrops } from './crops.ts';
export { classMeanWeights, textWeights } from './head-start.ts';
export { Lift, type LiftParts } from './lift.ts';
export { lift, liftHead } from './method.ts';
