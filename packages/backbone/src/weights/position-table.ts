/** Rows and columns of places. */
export type PlaceGrid = readonly [rows: number, columns: number];

/** How the rows of a table of positions are to be read. */
export interface PositionTable {
  readonly grid: PlaceGrid;
  /** How many rows come before those of the places: one for each token that has a position, or none. */
  readonly tokenRows: number;
}

/**
 * Reads so many rows as those of a grid, after rows for the tokens before the patches or without any; of a square after
 * rows for the tokens, if no grid is given.
 *
 * @param tokens how many there are that may have a position: a class token, a distillation token
 * @returns undefined if they are not: where there are such tokens, a table without rows for them, or of a grid that is no
 *   square, does not tell its grid, since n² = (n − 1)(n + 1) + 1
 */
export function readPositionTable(rows: number, tokens: number, grid?: PlaceGrid): PositionTable | undefined {
  if (grid) {
    const more = rows - grid[0] * grid[1];
    return more < rows && (more === 0 || more === tokens) ? { grid, tokenRows: more } : undefined;
  }
  const side = Math.round(Math.sqrt(rows - tokens));
  return side >= 1 && side * side === rows - tokens ? { grid: [side, side], tokenRows: tokens } : undefined;
}
