export { type Contribution, mergeContributions } from './accumulate.ts';
export { averagePrecisionMetrics } from './average-precision-metrics.ts';
export { type BestWeights, type Checkpoint, type CheckpointStore, memoryCheckpoints } from './checkpoint.ts';
export type { CheckpointState } from './checkpoint-state.ts';
export { evaluate, type PredictOptions, predictScores, type Scorer } from './evaluate.ts';
export {
  type CacheFeaturesOptions,
  type ComputedViews,
  cacheFeatures,
  computeViews,
  inputsOfViews,
} from './feature-cache.ts';
export { fit } from './fit.ts';
export type { CheckpointOptions, FitOptions, FitResult, TrainLoader } from './fit-options.ts';
export { LeakWatch } from './leak-watch.ts';
export type { Cursor, EpochReport, Observer, RunPlan, StepReport } from './observer.ts';
export { local } from './ranks/local.ts';
export type { SelectionOptions } from './selection.ts';
export type { MetricsOfScores, Validation } from './validation.ts';
