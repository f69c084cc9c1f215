import { applySettings } from '../recipe/settings.ts';
import type { RecipeSource } from '../recipe/source.ts';
import { readWithParents } from './extends.ts';

/**
 * Reads a recipe from a YAML or JSON file. The file is laid over the one that it `extends`, and `key=value` settings
 * over both.
 *
 * @param settings dotted keys with values in YAML: `method.options.epochs=5`, `loss={name: focal}`
 * @returns the recipe; its `notes` say which entries of the extended file were left out because a part was replaced
 * @throws UsageError with file and line
 */
export function readRecipe(file: string, settings: readonly string[] = []): RecipeSource {
  return applySettings(readWithParents(file), settings);
}
