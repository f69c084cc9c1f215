/**
 * Lines of a table: the first column is aligned left, the others right.
 *
 * @param rows each with as many cells as the head
 */
export function textTable(head: readonly string[], rows: readonly (readonly string[])[]): string[] {
  const lines = [head, ...rows];
  const widths = head.map((_, column) => lines.reduce((widest, cells) => Math.max(widest, cells[column].length), 0));
  return lines.map((cells) =>
    cells
      .map((cell, column) => (column === 0 ? cell.padEnd(widths[0]) : cell.padStart(widths[column])))
      .join('  ')
      .trimEnd(),
  );
}

/** A fraction in percent; a dash if there is no value. */
export function percent(value: number | null | undefined): string {
  return value === null || value === undefined || Number.isNaN(value) ? '–' : (100 * value).toFixed(2);
}
