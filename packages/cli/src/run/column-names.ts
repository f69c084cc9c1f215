import { UsageError } from '@ltml/recipes/usage-error';

/**
 * Checks that each class can have a column in a table beside the other columns.
 *
 * @param others names of the other columns
 * @param hint what the user can do
 * @throws UsageError for a class that has the name of another column
 */
export function checkColumnNames(classes: readonly string[], others: readonly string[], hint = 'rename it'): void {
  const taken = classes.find((name) => others.includes(name));
  if (taken !== undefined) throw new UsageError(`a class named "${taken}" cannot have a column: ${hint}`);
}
