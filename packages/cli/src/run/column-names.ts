import { UsageError } from '@ltml/recipes/usage-error';

/**
 * Checks that classes can have a column each beside the others of a table.
 *
 * @throws UsageError for a class that is called as one of them is
 */
export function checkColumnNames(classes: readonly string[], others: readonly string[], hint = 'rename it'): void {
  const taken = classes.find((name) => others.includes(name));
  if (taken !== undefined) throw new UsageError(`a class named "${taken}" cannot have a column: ${hint}`);
}
