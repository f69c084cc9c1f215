import { existsSync, readFileSync } from 'node:fs';
import { type Pipeline, resolvePipeline } from '@ltml/images';
import { DataError } from '@ltml/tensor';
import { z } from 'zod';
import { datasets } from '../parts/datasets.ts';
import { checkRecipe } from '../recipe/check.ts';
import { isObject } from '../recipe/merge.ts';
import { UsageError } from '../usage-error.ts';
import type { ModelDescription } from './model-bundle.ts';
import { modelRecipeSchema } from './model-recipe.ts';

const checkedParts = z.object({
  recipe: modelRecipeSchema,
  training: z.object({ data: datasets.schema }),
  scores: z.enum(['sigmoid', 'softmax', 'relative']),
  thresholds: z
    .union([z.array(z.number()), z.literal('mcut')])
    .nullable()
    .default(null),
  calibration: z.strictObject({ temperature: z.number().positive() }).nullable().default(null),
});

/**
 * Reads a `model.json`.
 *
 * @param folder that was asked for
 * @throws UsageError if it is not there; DataError if it is no description of a model
 */
export function readDescription(path: string, folder: string): ModelDescription {
  if (!existsSync(path)) throw new UsageError(`no run in ${folder}, and no model: there is no ${path}`);
  let value: unknown;
  try {
    value = JSON.parse(readFileSync(path, 'utf8'));
  } catch (error) {
    throw broken(path, 'JSON', (error as Error).message);
  }
  if (!isObject(value) || value.format !== 'ltml-model' || value.version !== 1) {
    throw broken(path, 'a model of form 1', isObject(value) ? `form ${value.version}` : 'something else');
  }
  const { classes, pictures, training } = value as unknown as ModelDescription;
  const isCount = (size: unknown): boolean => Number.isInteger(size) && (size as number) > 0;
  const areNumbers = (list: unknown): boolean =>
    Array.isArray(list) && list.length === classes.length && list.every(Number.isFinite);
  const fits =
    Array.isArray(classes) &&
    classes.every((name) => typeof name === 'string') &&
    isCount(pictures?.height) &&
    isCount(pictures?.width) &&
    Array.isArray(pictures?.pipeline) &&
    areNumbers(training?.classCounts) &&
    areNumbers(training?.groupCounts);
  if (!fits) throw broken(path, 'complete', 'one without classes, pictures or training');
  checkPipeline(pictures.pipeline, path);
  // Checked like a recipe, since a file from elsewhere may say anything.
  const checked = checkRecipe({ value, locate: () => path }, checkedParts);
  const { thresholds, calibration } = checked;
  if (Array.isArray(thresholds) && thresholds.length !== classes.length) {
    throw broken(path, `a model with a threshold for each of ${classes.length} classes`, `${thresholds.length}`);
  }
  return {
    ...(value as unknown as ModelDescription),
    thresholds,
    calibration,
    recipe: checked.recipe,
    training: { ...training, data: checked.training.data },
  };
}

/** @throws DataError unless its steps are known and one of them normalises */
function checkPipeline(pipeline: Pipeline, path: string): void {
  try {
    resolvePipeline(pipeline);
  } catch (error) {
    throw broken(path, 'a pipeline of pictures', (error as Error).message);
  }
  const normalizing = pipeline.filter(({ name }) => name === 'normalize').length;
  if (normalizing !== 1) throw broken(path, 'a pipeline with one normalize', `${normalizing}`);
}

/** A file of a model that is not as it should be. */
export function broken(path: string, expected: string, received: string): DataError {
  return new DataError({ where: 'loadModel', argument: path, expected, received });
}
