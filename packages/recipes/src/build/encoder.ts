import type { RandomStreams } from '@ltml/tensor';
import { encoders, type LoadedEncoder } from '../parts/encoders.ts';
import type { Recipe } from '../recipe/recipe.ts';

/** The encoder that a recipe names, in evaluation mode where it rests. */
export async function encoderOf(recipe: Recipe, random: RandomStreams): Promise<LoadedEncoder> {
  const loaded = await encoders.create(recipe.encoder, random.stream('init'));
  if (isFrozen(recipe)) loaded.network.eval();
  return loaded;
}

/** Whether the encoder rests, so that its features are computed once and kept. */
export function isFrozen({ cachedViews }: Pick<Recipe, 'cachedViews'>): boolean {
  return cachedViews !== null;
}
