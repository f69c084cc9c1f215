import { parseRecipe } from '../src/recipe/parse.ts';
import type { Recipe } from '../src/recipe/recipe.ts';
import { resolve } from '../src/recipe/resolve.ts';

/** A recipe from YAML as it would stand in `run.yaml`. */
export async function resolveText(text: string): Promise<Recipe> {
  const { value, locate } = parseRecipe(text, 'run.yaml');
  return resolve(value, locate);
}
