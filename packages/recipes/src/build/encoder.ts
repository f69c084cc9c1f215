import type { RandomStreams } from '@ltml/tensor';
import { backbones, type LoadedBackbone } from '../parts/backbones.ts';
import type { Recipe } from '../recipe/recipe.ts';

/** The encoder that a recipe names, in evaluation mode where it rests. */
export async function encoderOf(recipe: Recipe, random: RandomStreams): Promise<LoadedBackbone> {
  const loaded = await backbones.create(recipe.backbone, random.stream('init'));
  if (isFrozen(recipe)) loaded.encoder.eval();
  return loaded;
}

/** Whether the encoder rests, so that its features are computed once and kept. */
export function isFrozen({ cachedViews }: Pick<Recipe, 'cachedViews'>): boolean {
  return cachedViews !== null;
}
