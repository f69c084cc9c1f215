/** What a cell says of a class. */
export type CellMeaning = 'present' | 'absent' | 'unknown';

/** What cells mean unless a recipe says otherwise. */
export const defaultValues: Readonly<Record<string, CellMeaning>> = {
  '1': 'present',
  '0': 'absent',
  '-1': 'unknown',
  '?': 'unknown',
  '': 'unknown',
};
