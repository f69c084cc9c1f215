/** Rows and columns of places. */
export type PlaceGrid = readonly [rows: number, columns: number];

/** How the rows of a table of positions are to be read. */
export interface PositionTable {
  readonly grid: PlaceGrid;
  /** Whether the first row is the class token's. */
  readonly classRow: boolean;
}

/**
 * Reads so many rows as those of a grid; of a square after the class token's row, if no grid is given.
 *
 * @returns undefined if they are not: a table without a row for the class token, or of a grid that is no square, does not
 *   tell its grid, since n² = (n − 1)(n + 1) + 1
 */
export function readPositionTable(rows: number, grid?: PlaceGrid): PositionTable | undefined {
  if (grid) {
    const more = rows - grid[0] * grid[1];
    return more < rows && (more === 0 || more === 1) ? { grid, classRow: more === 1 } : undefined;
  }
  const side = Math.round(Math.sqrt(rows - 1));
  return side >= 1 && side * side === rows - 1 ? { grid: [side, side], classRow: true } : undefined;
}
