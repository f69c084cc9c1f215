/** Rows and columns of places. */
export type PlaceGrid = readonly [rows: number, columns: number];

/** How to read the rows of a table of positions. */
export interface PositionTable {
  readonly grid: PlaceGrid;
  /** Number of rows before those of the places: one for each token with a position, or none. */
  readonly tokenRows: number;
}

/**
 * Reads a number of rows as positions of a grid, after rows for the tokens before the patches or without such rows.
 * Without a grid it must be a square after rows for the tokens.
 *
 * @param tokens number of tokens that may have a position: a class token, a distillation token
 * @returns undefined if this is impossible. If there are such tokens, a table without rows for them, or of a grid that
 *   is not a square, does not show its grid, because n² = (n − 1)(n + 1) + 1
 */
export function readPositionTable(rows: number, tokens: number, grid?: PlaceGrid): PositionTable | undefined {
  if (grid) {
    const more = rows - grid[0] * grid[1];
    return more < rows && (more === 0 || more === tokens) ? { grid, tokenRows: more } : undefined;
  }
  const side = Math.round(Math.sqrt(rows - tokens));
  return side >= 1 && side * side === rows - tokens ? { grid: [side, side], tokenRows: tokens } : undefined;
}
