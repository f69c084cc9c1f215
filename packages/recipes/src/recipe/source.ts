/** Keys and list indices that lead to a place in a recipe. */
export type Path = readonly PropertyKey[];

/**
 * The place where an entry was written, e.g. `recipe.yaml:12` or `--set method.options.epochs`. For an entry that was
 * not written, the place of its parent.
 */
export type Locate = (path: Path) => string;

/** A recipe as written, not checked yet, with the places of its entries. */
export interface RecipeSource {
  /** The value from YAML or JSON. */
  readonly value: unknown;
  /** Gives the place of an entry. */
  readonly locate: Locate;
  /** Messages about entries of the extended recipe that were left out. */
  readonly notes?: readonly string[];
}

/**
 * An error message with the place and the name of an entry. The name is left out if the place, a setting, already has
 * it.
 *
 * @param at path to locate, if not the entry's own
 */
export function placed(locate: Locate, entry: Path, message: string, at: Path = entry): string {
  const place = locate(at);
  const name = entry.join('.');
  // A setting's place ends with its key: `--set batchSize`, `sweep.yaml: batchSize`.
  const key = place.slice(place.lastIndexOf(' ') + 1);
  const isSaid = name === '' || key === name || key.startsWith(`${name}.`);
  return `${place}: ${isSaid ? '' : `${name}: `}${message}`;
}
