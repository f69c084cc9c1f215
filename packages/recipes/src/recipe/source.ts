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
  /** What was left out of a recipe that it extends, in lines for people. */
  readonly notes?: readonly string[];
}

/**
 * What is wrong with an entry, behind its place and its name; a setting that has the name already says it once.
 *
 * @param at the path whose place it is, where that is not the entry's
 */
export function placed(locate: Locate, entry: Path, message: string, at: Path = entry): string {
  const place = locate(at);
  const name = entry.join('.');
  // A setting's place ends with its key: `--set batchSize`, `sweep.yaml: batchSize`.
  const key = place.slice(place.lastIndexOf(' ') + 1);
  const isSaid = name === '' || key === name || key.startsWith(`${name}.`);
  return `${place}: ${isSaid ? '' : `${name}: `}${message}`;
}
