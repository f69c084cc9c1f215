export { type CheckpointFolderOptions, checkpointFolder, readCheckpoint } from './checkpoint-folder.ts';
export { configHash } from './config-hash.ts';
export { describeEnvironment, type Environment } from './environment.ts';
export { type MetricsLine, MetricsLog, readMetrics } from './metrics-log.ts';
export { formatSeconds, type ProgressOptions, type ProgressStream, progress } from './progress.ts';
export { openRunFolder, type RunFolder, type RunFolderOptions } from './run-folder.ts';
export type { RunResults } from './run-results.ts';
export { EventWriter } from './tensorboard.ts';
