export { FeatureStore } from './build/feature-store.ts';
export type { ImageSet } from './build/image-set.ts';
export type { Inputs } from './build/inputs.ts';
export type { PlannedStage } from './build/planned-stages.ts';
export type { Splits } from './build/splits.ts';
export { alignClasses } from './evaluation/align-classes.ts';
export {
  type CalibrationReport,
  type ClassRow,
  calibrationReport,
  type EvaluationReport,
  evaluationReport,
  type ReportedModel,
} from './evaluation/evaluation-report.ts';
export { predictedClasses, probabilitiesOf, type ScoreUse } from './evaluation/score-use.ts';
export {
  largestGap,
  oneThreshold,
  type ThresholdRule,
  type Tuning,
  thresholdOfPrecision,
  thresholdPerClass,
  tune,
} from './evaluation/tune.ts';
export { type ClassErrors, worstErrors } from './evaluation/worst-errors.ts';
export { loadModel } from './load-model.ts';
export type {
  Calibration,
  ModelClass,
  ModelDescription,
  Storage,
  StorageCost,
  StoredWeights,
  Thresholds,
  WeightsKind,
} from './model/model-description.ts';
export type { ModelFiles } from './model/model-files.ts';
export type { Model } from './model/open-model.ts';
export { publishedPipelines } from './parts/published-pictures.ts';
export type { Measures, ProtocolName } from './published/protocols.ts';
export type { PublishedPaper, PublishedRow, RowGroup, RowNotHere } from './published/published-row.ts';
export { checkRecipe } from './recipe/check.ts';
export { formatRecipe } from './recipe/format.ts';
export { recipeJsonSchema } from './recipe/json-schema.ts';
export { parseRecipe } from './recipe/parse.ts';
export type { Recipe } from './recipe/recipe.ts';
export { resolve } from './recipe/resolve.ts';
export type { Locate, RecipeSource } from './recipe/source.ts';
export { type GroupScores, scoreGroups } from './score-groups.ts';
export { UsageError } from './usage-error.ts';
