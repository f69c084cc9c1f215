export { type Experiment, formatConfig, resolveExperiment } from './config/experiment.ts';
export { type ConfigSource, parseConfig, readConfig } from './config/source.ts';
export { evaluateModel } from './evaluate-model.ts';
export { type BuiltExperiment, buildExperiment, type PlannedStage } from './experiment.ts';
export { type LoadModelOptions, loadModel, type Model } from './load-model.ts';
export {
  describeModel,
  type ModelDescription,
  type StoredWeights,
  type WeightsKind,
  writeDescription,
  writeModel,
} from './model-bundle.ts';
export { UsageError } from './usage-error.ts';
