import { checkCount, checkFlag, checkNumber, checkOptionNames, checkShapes } from '@ltml/tensor';

/** Size of a map: R rows and Q columns of patches. Maps are row-major. */
export type Grid = readonly [rows: number, columns: number];

/** A box: rows r0 … r1 − 1, columns q0 … q1 − 1. */
export interface Box {
  readonly r0: number;
  readonly r1: number;
  readonly q0: number;
  readonly q1: number;
}

/** Options of {@link boxMask}. */
export interface BoxOptions {
  /** Whether boxes can include the last row and column of the map. Default false, as in the released code. */
  readonly fullBoxes?: boolean;
}

/**
 * A mask of the bounding boxes of all connected components of a map above a threshold. Cells that touch at a corner are
 * connected. Map values are truncated to levels 0 … 255 first.
 *
 * @param map [R, Q] in [0, 1]
 * @param threshold in [0, 1], relative to the largest level
 * @returns [R, Q] 1 inside a box, else 0
 * @throws ShapeError, OptionError
 *
 * Source: TagCLIP, AAAI 2024, released code. Its boxes never include the last row and column of the map.
 */
export function boxMask(map: ArrayLike<number>, grid: Grid, threshold: number, options: BoxOptions = {}): Uint8Array {
  const where = 'boxMask';
  const [R, Q] = grid;
  checkOptionNames(where, options, ['fullBoxes']);
  const { fullBoxes = false } = options;
  checkFlag(where, 'options.fullBoxes', fullBoxes);
  for (const [i, size] of grid.entries()) checkCount(where, `grid[${i}]`, size, { min: 0 });
  checkShapes(where, { map: [{ shape: [map.length] }, `${R * Q}`] });
  checkNumber(where, 'threshold', threshold, { min: 0, max: 1 });
  const levels = Array.from(map, (value) => Math.trunc(255 * value));
  const border = Math.trunc(threshold * levels.reduce((max, level) => Math.max(max, level), 0));
  const on = Uint8Array.from(levels, (level) => (level > border ? 1 : 0));
  const mask = new Uint8Array(R * Q);
  for (const cells of partsOf(on, grid)) {
    const { r0, r1, q0, q1 } = boxAround(cells, grid, { fullBoxes });
    for (let r = r0; r < r1; r++) mask.fill(1, r * Q + q0, Math.max(r * Q + q0, r * Q + q1));
  }
  return mask;
}

/** The bounding box of cells. */
export function boxAround(cells: readonly number[], [R, Q]: Grid, { fullBoxes = false }: BoxOptions = {}): Box {
  const rows = cells.map((cell) => Math.floor(cell / Q));
  const columns = cells.map((cell) => cell % Q);
  const least = (values: readonly number[]) => values.reduce((a, b) => Math.min(a, b), Number.POSITIVE_INFINITY);
  const most = (values: readonly number[]) => values.reduce((a, b) => Math.max(a, b), -1);
  const end = (values: readonly number[], size: number) => Math.min(most(values) + 1, fullBoxes ? size : size - 1);
  return { r0: least(rows), r1: end(rows, R), q0: least(columns), q1: end(columns, Q) };
}

/** The connected components of the cells that are 1. Changes `on`. */
function partsOf(on: Uint8Array, [R, Q]: Grid): number[][] {
  const parts: number[][] = [];
  for (let start = 0; start < on.length; start++) {
    if (on[start] === 0) continue;
    on[start] = 0;
    const cells = [start];
    for (let i = 0; i < cells.length; i++) {
      const [r, q] = [Math.floor(cells[i] / Q), cells[i] % Q];
      for (let y = Math.max(0, r - 1); y <= Math.min(R - 1, r + 1); y++) {
        for (let x = Math.max(0, q - 1); x <= Math.min(Q - 1, q + 1); x++) {
          if (on[y * Q + x] === 0) continue;
          on[y * Q + x] = 0;
          cells.push(y * Q + x);
        }
      }
    }
    parts.push(cells);
  }
  return parts;
}
