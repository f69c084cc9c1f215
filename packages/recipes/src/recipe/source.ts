import { readWithParents } from './extends.ts';
import { applySettings } from './settings.ts';

/** Keys and list indices that lead to a place in a recipe. */
export type Path = readonly PropertyKey[];

/**
 * Where an entry was written, e.g. `recipe.yaml:12` or `--set method.options.epochs`; its parent's place if it was not.
 */
export type Locate = (path: Path) => string;

/** A recipe as it was written, not yet checked, and where each of its entries stands. */
export interface RecipeSource {
  readonly value: unknown;
  readonly locate: Locate;
}

/**
 * Reads a YAML or JSON file (JSON is YAML), laid over the one that it `extends`, and lays `key=value` settings over both.
 *
 * @param settings dotted keys, with values in YAML: `method.options.epochs=5`, `loss={name: focal}`
 * @throws UsageError with file and line
 */
export function readRecipe(file: string, settings: readonly string[] = []): RecipeSource {
  return applySettings(readWithParents(file), settings);
}
