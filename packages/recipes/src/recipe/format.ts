import { stringify } from 'yaml';
import type { Recipe } from './recipe.ts';

/** A recipe as YAML, which is a recipe again. */
export function formatRecipe(recipe: Recipe): string {
  return stringify(recipe, { lineWidth: 120 });
}
