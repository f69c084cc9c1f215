export { predictedClasses, probabilitiesOf, type ScoreUse } from './evaluation/score-use.ts';
export { loadModel } from './load-model.ts';
export type {
  Calibration,
  ModelDescription,
  Storage,
  StoredWeights,
  Thresholds,
  WeightsKind,
} from './model/model-description.ts';
export type { ModelFiles } from './model/model-files.ts';
export type { Model } from './model/open-model.ts';
export { UsageError } from './usage-error.ts';
