export { type Contribution, mergeContributions } from './accumulate.ts';
export { averagePrecisionMetrics } from './average-precision-metrics.ts';
export { type BestWeights, type Checkpoint, type CheckpointStore, memoryCheckpoints } from './checkpoint.ts';
export type { CheckpointState } from './checkpoint-state.ts';
export { Classifier, type ClassifierParts, classifier } from './classifier/classifier.ts';
export {
  type ClassifierConfig,
  classifierConfigSchema,
  classifierPresets,
  type NeckConfig,
} from './classifier/config.ts';
export type { OptimizerConfig } from './classifier/optimizer-config.ts';
export { PfcNeck, type PfcNeckOptions } from './classifier/pfc-neck.ts';
export type { ScheduleConfig, WarmupConfig } from './classifier/schedule-config.ts';
export { evaluate, type PredictOptions, predictScores } from './evaluate.ts';
export { type CacheFeaturesOptions, cacheFeatures } from './feature-cache.ts';
export {
  type CheckpointOptions,
  type FitOptions,
  type FitResult,
  fit,
  type TrainLoader,
} from './fit.ts';
export { LeakWatch } from './leak-watch.ts';
export type { Cursor, EpochReport, Observer, RunPlan, StepReport } from './observer.ts';
export type { SelectionOptions } from './selection.ts';
export type { MetricsOfScores, Validation } from './validation.ts';
