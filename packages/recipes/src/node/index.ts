export * from '../index.ts';
export { mixOf } from '../parts/mixes.ts';
export { type BuildOptions, type BuiltRecipe, build } from './build.ts';
export { type EvaluateOptions, evaluate } from './evaluate.ts';
export { type LabelScorer, labelScorer } from './label-scorer.ts';
// In place of the other, which reads no folders.
export { loadModel } from './load-model.ts';
export { picturePipelines } from './picture-pipelines.ts';
export type { LoadModelOptions } from './read-bundle.ts';
export { readDataPart, readDataSet } from './read-data-set.ts';
export { readRecipe } from './read-recipe.ts';
export { type RunOptions, type RunResult, run, type TestResult } from './run.ts';
export { sampleImages } from './sample-images.ts';
export { type ScoresAndFeatures, scoresAndFeatures } from './scores-and-features.ts';
export { splitImages } from './split-images.ts';
export { type StoreBundleOptions, storeBundle } from './store-bundle.ts';
export { describeModel, writeModel } from './write-model.ts';
export { writeTuning } from './write-tuning.ts';
