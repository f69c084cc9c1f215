import type { Recipe } from './recipe.ts';

/** Whether the encoder rests, so that its features are computed once and kept. */
export function isFrozen({ features }: Pick<Recipe, 'features'>): boolean {
  return features !== null;
}
