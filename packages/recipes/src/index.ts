export { type Experiment, resolveExperiment } from './config/experiment.ts';
export { type ConfigSource, parseConfig, readConfig } from './config/source.ts';
export { type BuiltExperiment, buildExperiment, buildPredictor, type Predictor } from './experiment.ts';
export { UsageError } from './usage-error.ts';
export { readWeights } from './weights-of-run.ts';
