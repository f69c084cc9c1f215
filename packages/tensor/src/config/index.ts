export { freezingConfigSchema } from './freezing-config.ts';
export type { AdamConfig, OptimizerConfig, SgdConfig } from './optimizer-config.ts';
export type { ScheduleConfig } from './schedule-config.ts';
export {
  countedInTraining,
  type Grouping,
  type TrainingConfig,
  type TrainingDefaults,
  trainingOf,
  trainingShape,
} from './training-config.ts';
export type { WarmupConfig } from './warmup-config.ts';
