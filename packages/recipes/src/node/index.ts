export * from '../index.ts';
export { mixOf } from '../parts/mixes.ts';
export { firstWords, unreadWords } from '../parts/unread-words.ts';
export { type BuildOptions, type BuiltRecipe, build } from './build.ts';
export { type EvaluateOptions, evaluate } from './evaluate.ts';
export type { PlannedFeatures, WriteEncodingOptions, WrittenFeatures } from './features/encoding.ts';
export { type FileFeatures, featuresOfFiles } from './features/features-of-files.ts';
export type { ModelInputsOptions } from './features/model-inputs.ts';
export {
  type PicturesConfig,
  type PreparedEncoding,
  type PrepareOptions,
  picturesConfig,
  preparePictures,
  prepareRecipe,
} from './features/prepare-encoding.ts';
export { filledRecipe } from './filled-recipe.ts';
export { labelScorer } from './label-scorer.ts';
// Replaces the `loadModel` of `../index.ts`, which does not read folders.
export { loadModel } from './load-model.ts';
export { type OpenedClip, openClip } from './open-clip.ts';
export { picturePipelines } from './picture-pipelines.ts';
export { measureRun } from './published/measure-run.ts';
export { missingForRow } from './published/missing-for-row.ts';
export { publishedRows, rowsNamed } from './published/papers.ts';
export { type RowChanges, recipeFileOf, rowRecipe } from './published/row-recipe.ts';
export { type TimingOptions, timingRecipe } from './published/timing-recipe.ts';
export type { LoadModelOptions } from './read-bundle.ts';
export { readDataPart, readDataSet } from './read-data-set.ts';
export { readRecipe } from './read-recipe.ts';
export { type RunOptions, type RunResult, run, type TestResult } from './run.ts';
export { LocalRunner } from './runs/local-runner.ts';
export type { Runner, RunOrder, RunWatch } from './runs/runner.ts';
export { sampleImages } from './sample-images.ts';
export { type ScoresAndFeatures, scoresAndFeatures } from './scores-and-features.ts';
export { splitImages } from './split-images.ts';
export { type StoreBundleOptions, storeBundle } from './store-bundle.ts';
export { forgetFailures, readAttempts } from './sweep/attempts.ts';
export { collectSweep, type PointScores, type SweepScores, summarizePoints } from './sweep/collect.ts';
export { type EntryImportance, entryImportance } from './sweep/importance.ts';
export { type Manifest, readManifest, runFolder, type SweepRun } from './sweep/manifest.ts';
export { planSweep } from './sweep/plan.ts';
export { readPruned } from './sweep/prune/pruned.ts';
export type { Verdict } from './sweep/prune/verdict.ts';
export { type SweepState, stateOf, sweepStates } from './sweep/state.ts';
export { type WorkResult, workOn } from './sweep/work.ts';
export { describeModel, writeModel } from './write-model.ts';
export { writeTuning } from './write-tuning.ts';
