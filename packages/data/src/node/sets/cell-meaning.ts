/** The meaning of a table cell for a class. */
export type CellMeaning = 'present' | 'absent' | 'unknown';

/** The default meaning of cells; a recipe can change it. */
export const defaultValues: Readonly<Record<string, CellMeaning>> = {
  '1': 'present',
  '0': 'absent',
  '-1': 'unknown',
  '?': 'unknown',
  '': 'unknown',
};
