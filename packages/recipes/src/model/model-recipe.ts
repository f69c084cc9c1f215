import * as z from 'zod';
import { type ClipConfig, clipSchema } from '../parts/clip.ts';
import { type EncoderConfig, encoders } from '../parts/encoders.ts';
import { methods } from '../parts/methods.ts';
import type { NamedPart } from '../parts/part.ts';
import { isFrozen } from '../recipe/is-frozen.ts';
import type { Recipe } from '../recipe/recipe.ts';

/** The method of a model: its class embeddings, if it takes any, stand among the weights. */
export interface ModelMethod {
  readonly name: string;
  readonly preset: string;
  readonly options: object;
  readonly classEmbeddings?: NamedPart;
  readonly clip?: ClipConfig;
}

/** What of a recipe its model is made of; nothing else of it counts once the model has learned. */
export interface ModelRecipe {
  /** Of the run; an encoder that is not pretrained draws its weights by it. */
  readonly seed: number;
  readonly encoder: EncoderConfig;
  /** Whether the encoder rested, so that the learner takes in what the encoder makes of images. */
  readonly frozen: boolean;
  readonly method: ModelMethod;
}

/** Options of the method are checked by the method itself. */
export const modelRecipeSchema: z.ZodType<ModelRecipe> = z.strictObject({
  seed: z.int().nonnegative(),
  encoder: encoders.schema,
  frozen: z.boolean(),
  method: z.strictObject({
    name: z.string().refine((name) => Object.hasOwn(methods, name), 'should be one of the methods'),
    preset: z.string(),
    options: z.looseObject({}),
    classEmbeddings: z.looseObject({ name: z.string() }).optional(),
    clip: clipSchema.optional(),
  }),
});

export function modelRecipeOf(recipe: Recipe): ModelRecipe {
  const { seed, encoder, method } = recipe;
  return { seed, encoder, frozen: isFrozen(recipe), method };
}
