import { readsTexts } from '../learner.ts';
import { usualClip } from '../parts/clip.ts';
import { methods } from '../parts/methods.ts';
import type { Recipe } from '../recipe/recipe.ts';
import { encoderConfigOfRun } from './encoder-of-run.ts';

/**
 * A recipe with entries that follow from its parts, as a run stores it: encoder and weights of `encoder.run`, and the
 * CLIP of a method that needs one.
 */
export async function filledRecipe(recipe: Recipe): Promise<Recipe> {
  const { method } = recipe;
  const { needs } = await methods[method.name]();
  const encoder = await encoderConfigOfRun(recipe.encoder);
  const clip = method.clip ?? (needs.teacher || readsTexts(needs, method.options) ? usualClip(encoder) : undefined);
  return { ...recipe, encoder, method: { ...method, ...(clip && { clip }) } };
}
