import { applySettings } from '../recipe/settings.ts';
import type { RecipeSource } from '../recipe/source.ts';
import { readWithParents } from './extends.ts';

/**
 * Reads a YAML or JSON file (JSON is YAML), laid over the one that it `extends`, and lays `key=value` settings over both.
 *
 * @param settings dotted keys, with values in YAML: `method.options.epochs=5`, `loss={name: focal}`
 * @returns with it, in `notes`, what it leaves out of the file that it extends, since it names another part
 * @throws UsageError with file and line
 */
export function readRecipe(file: string, settings: readonly string[] = []): RecipeSource {
  return applySettings(readWithParents(file), settings);
}
