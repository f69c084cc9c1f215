import type { Recipe } from './recipe.ts';

/** Whether the encoder is frozen, so that its features are computed once and stored. */
export function isFrozen({ features }: Pick<Recipe, 'features'>): boolean {
  return features !== null;
}
