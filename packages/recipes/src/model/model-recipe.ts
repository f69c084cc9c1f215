import { z } from 'zod';
import { isFrozen } from '../build/encoder.ts';
import { encoders } from '../parts/encoders.ts';
import { type MethodConfig, methodSchema } from '../parts/method-schema.ts';
import type { NamedPart } from '../parts/part.ts';
import type { Recipe } from '../recipe/recipe.ts';

/** What of a recipe its model is made of; nothing else of it counts once the model has learned. */
export interface ModelRecipe {
  /** Of the run; an encoder that is not pretrained draws its weights by it. */
  readonly seed: number;
  readonly encoder: NamedPart;
  /** Whether the encoder rested, so that the learner takes in what the encoder makes of images. */
  readonly frozen: boolean;
  readonly method: MethodConfig;
}

export const modelRecipeSchema: z.ZodType<ModelRecipe> = z.strictObject({
  seed: z.int().nonnegative(),
  encoder: encoders.schema,
  frozen: z.boolean(),
  method: methodSchema,
});

export function modelRecipeOf(recipe: Recipe): ModelRecipe {
  const { seed, encoder, method } = recipe;
  return { seed, encoder, frozen: isFrozen(recipe), method };
}
