import * as z from 'zod';
import { type ClipConfig, clipSchema } from '../parts/clip.ts';
import { type EncoderConfig, encoders } from '../parts/encoders.ts';
import { methods } from '../parts/methods.ts';
import type { NamedPart } from '../parts/part.ts';
import { isFrozen } from '../recipe/is-frozen.ts';
import type { Recipe } from '../recipe/recipe.ts';

/** The method of a model. Its class embeddings, if it has any, are among the weights. */
export interface ModelMethod {
  readonly name: string;
  readonly preset: string;
  readonly options: object;
  readonly classEmbeddings?: NamedPart;
  readonly clip?: ClipConfig;
}

/** The part of a recipe that defines the model. The rest of the recipe is not needed after training. */
export interface ModelRecipe {
  /** Seed of the run. An encoder without pretrained weights draws its initial weights with it. */
  readonly seed: number;
  readonly encoder: EncoderConfig;
  /** Whether the encoder was frozen, so that the learner takes its features instead of images. */
  readonly frozen: boolean;
  readonly method: ModelMethod;
}

/** Schema of a {@link ModelRecipe}. The method itself checks its options. */
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

/** The part of a recipe that defines its model. */
export function modelRecipeOf(recipe: Recipe): ModelRecipe {
  const { seed, encoder, method } = recipe;
  return { seed, encoder, frozen: isFrozen(recipe), method };
}
