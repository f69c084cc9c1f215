import { type Pipeline, resolvePipeline } from '@ltml/images';
import * as z from 'zod';
import { clipName } from '../parts/encoder-name.ts';
import { checkRecipe } from '../recipe/check.ts';
import { isObject } from '../recipe/merge.ts';
import { broken } from './broken.ts';
import type { ModelDescription } from './model-description.ts';
import { modelRecipeSchema } from './model-recipe.ts';

const weightsSchema = z.strictObject({
  file: z.literal('model.safetensors'),
  sha256: z.string().regex(/^[0-9a-f]{64}$/),
  kind: z.enum(['best', 'averaged', 'last']),
  storage: z.enum(['float32', 'float16', 'int8']).default('float32'),
  difference: z.number().nonnegative().default(0),
  cost: z
    .strictObject({
      images: z.int().positive(),
      mAP: z.strictObject({ float32: z.number(), stored: z.number() }),
    })
    .nullable()
    .default(null),
  step: z.int().nonnegative(),
});

const classIndices = z.array(z.int().nonnegative());

const groupsSchema = z
  .union([
    z.strictObject({
      counts: z.strictObject({ headFrom: z.number().optional(), tailBelow: z.number().optional() }),
    }),
    z.strictObject({
      lists: z.strictObject({ head: classIndices, medium: classIndices, tail: classIndices }),
    }),
  ])
  .default({ counts: {} });

const checkedParts = z.object({
  classes: z.array(z.strictObject({ name: z.string().min(1), id: z.string(), text: z.string().optional() })).min(1),
  recipe: modelRecipeSchema,
  training: z.object({ data: z.looseObject({ name: z.string() }), groups: groupsSchema }),
  scores: z.enum(['sigmoid', 'softmax', 'relative']),
  thresholds: z
    .union([z.array(z.number()), z.literal('mcut')])
    .nullable()
    .default(null),
  licence: z.string().nullable().default(null),
  text: z.strictObject({ tower: clipName, tokenizer: z.literal('tokenizer.json') }).optional(),
  weights: weightsSchema.nullable(),
  calibration: z.strictObject({ temperature: z.number().positive() }).nullable().default(null),
});

/**
 * Reads and checks a `model.json`.
 *
 * @param path for error messages
 * @throws DataError if it does not describe a model; UsageError for unknown parts, e.g. an unknown encoder
 */
export function parseDescription(text: string, path: string): ModelDescription {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (error) {
    throw broken(path, 'JSON', (error as Error).message);
  }
  if (!isObject(value) || value.format !== 'ltml-model' || value.version !== 1) {
    throw broken(
      path,
      'a model description of version 1',
      isObject(value) ? `version ${value.version}` : 'something else',
    );
  }
  const { classes, pictures, training } = value as unknown as ModelDescription;
  const isCount = (size: unknown): boolean => Number.isInteger(size) && (size as number) > 0;
  const areNumbers = (list: unknown): boolean =>
    Array.isArray(list) && list.length === classes.length && list.every(Number.isFinite);
  const fits =
    Array.isArray(classes) &&
    isCount(pictures?.height) &&
    isCount(pictures?.width) &&
    Array.isArray(pictures?.pipeline) &&
    areNumbers(training?.classCounts) &&
    areNumbers(training?.groupCounts);
  if (!fits) throw broken(path, 'complete', 'a description with missing or wrong classes, pictures or training');
  checkPipeline(pictures.pipeline, path);
  // Checked like a recipe, since the file may come from anywhere.
  const checked = checkRecipe({ value, locate: () => path }, checkedParts);
  const { thresholds, calibration, licence, weights } = checked;
  if (Array.isArray(thresholds) && thresholds.length !== classes.length) {
    throw broken(path, `a model with a threshold for each of ${classes.length} classes`, `${thresholds.length}`);
  }
  return {
    ...(value as unknown as ModelDescription),
    thresholds,
    calibration,
    licence,
    weights,
    recipe: checked.recipe,
    training: { ...training, ...checked.training },
  };
}

/** @throws DataError for an unknown step, or unless exactly one step normalises */
function checkPipeline(pipeline: Pipeline, path: string): void {
  try {
    resolvePipeline(pipeline);
  } catch (error) {
    throw broken(path, 'a model with a valid pipeline of pictures', (error as Error).message);
  }
  const normalizing = pipeline.filter(({ name }) => name === 'normalize').length;
  if (normalizing !== 1) throw broken(path, 'a model whose pipeline has exactly one step normalize', `${normalizing}`);
}
