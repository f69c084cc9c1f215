export { FeatureStore } from '../build/feature-store.ts';
export type { ImageSet } from '../build/image-set.ts';
export type { Inputs } from '../build/inputs.ts';
export type { PlannedStage } from '../build/planned-stages.ts';
export type { Splits } from '../build/splits.ts';
export { splitImages } from '../build/splits.ts';
export { type BuildOptions, type BuiltRecipe, build } from '../build.ts';
export { alignClasses } from '../evaluation/align-classes.ts';
export {
  type CalibrationReport,
  type ClassRow,
  calibrationReport,
  type EvaluationReport,
  evaluationReport,
  type ReportedModel,
} from '../evaluation/evaluation-report.ts';
export { predictedClasses, probabilitiesOf, type ScoreUse } from '../evaluation/score-use.ts';
export {
  largestGap,
  oneThreshold,
  type ThresholdRule,
  type Tuning,
  thresholdOfPrecision,
  thresholdPerClass,
  tune,
} from '../evaluation/tune.ts';
export { type ClassErrors, worstErrors } from '../evaluation/worst-errors.ts';
export type {
  Calibration,
  ModelDescription,
  Storage,
  StoredWeights,
  Thresholds,
  WeightsKind,
} from '../model/model-description.ts';
export type { Model } from '../model/open-model.ts';
export { checkRecipe } from '../recipe/check.ts';
export { formatRecipe } from '../recipe/format.ts';
export { recipeJsonSchema } from '../recipe/json-schema.ts';
export { parseRecipe } from '../recipe/parse.ts';
export type { Recipe } from '../recipe/recipe.ts';
export { resolve } from '../recipe/resolve.ts';
export { type Locate, type RecipeSource, readRecipe } from '../recipe/source.ts';
export { type GroupScores, scoreGroups } from '../score-groups.ts';
export { UsageError } from '../usage-error.ts';
export { type EvaluateOptions, evaluate } from './evaluate.ts';
export { evaluateImages } from './evaluate-images.ts';
export { loadModel } from './load-model.ts';
export { picturePipelines } from './picture-pipelines.ts';
export type { LoadModelOptions } from './read-bundle.ts';
export { readDataPart, readDataSet } from './read-data-set.ts';
export { type RunOptions, type RunResult, run, type TestResult } from './run.ts';
export { sampleImages } from './sample-images.ts';
export { type ScoresAndFeatures, scoresAndFeatures } from './scores-and-features.ts';
export { type StoreBundleOptions, storeBundle } from './store-bundle.ts';
export { describeModel, writeModel } from './write-model.ts';
export { writeTuning } from './write-tuning.ts';
