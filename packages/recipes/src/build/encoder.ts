import type { RandomStreams } from '@ltml/tensor';
import { statisticsOf } from '../parts/augmentation.ts';
import { backbones, type LoadedBackbone } from '../parts/backbones.ts';
import type { Recipe } from '../recipe/recipe.ts';

/** The encoder that a recipe names, and by what pictures are normalised for it. */
export async function encoderOf(recipe: Recipe, random: RandomStreams): Promise<LoadedBackbone> {
  const loaded = await backbones.create(recipe.backbone, random.stream('init'));
  if (isFrozen(recipe)) loaded.encoder.eval();
  return { ...loaded, statistics: statisticsOf(recipe.normalization, loaded.statistics) };
}

/** Whether the encoder rests, so that its features are computed once and kept. */
export function isFrozen({ cachedViews }: Pick<Recipe, 'cachedViews'>): boolean {
  return cachedViews !== null;
}
