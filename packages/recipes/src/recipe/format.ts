import { stringify } from 'yaml';
import type { Recipe } from './recipe.ts';

/** Writes a recipe as YAML, which can be read as a recipe again. */
export function formatRecipe(recipe: Recipe): string {
  return stringify(recipe, { lineWidth: 120 });
}
