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
