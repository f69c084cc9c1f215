import type { HostKernel } from './host-kernel.ts';

interface Attributes {
  readonly perm: readonly number[];
}

/** Side of a block in entries. */
const block = 32;

/**
 * Transposes in square blocks, so that neither reading nor writing jumps far. For permutations that move the last axis.
 */
export const transpose: HostKernel<Attributes> = {
  name: 'Transpose',
  outputShapes: ({ x }, { perm }) => [perm.map((axis) => x.shape[axis])],
  run({ x }, [y], { perm }, { x: shape }) {
    const last = shape.length - 1;
    const inner = perm[last];
    const from = strides(shape);
    const to: number[] = [];
    for (const [place, stride] of strides(perm.map((axis) => shape[axis])).entries()) to[perm[place]] = stride;
    const outer = perm.filter((axis) => axis !== last && axis !== inner);
    const visit = (depth: number, xStart: number, yStart: number): void => {
      if (depth === outer.length) {
        swap(x, y, xStart, yStart, { rows: shape[inner], columns: shape[last], from: from[inner], to: to[last] });
        return;
      }
      const axis = outer[depth];
      for (let i = 0; i < shape[axis]; i++) visit(depth + 1, xStart + i * from[axis], yStart + i * to[axis]);
    };
    visit(0, 0, 0);
  },
};

/** A matrix with distance `from` between its rows in x, and distance `to` between its columns in y. */
interface Matrix {
  readonly rows: number;
  readonly columns: number;
  readonly from: number;
  readonly to: number;
}

/** Transposes one matrix. */
function swap(x: Float32Array, y: Float32Array, xStart: number, yStart: number, matrix: Matrix): void {
  const { rows, columns, from, to } = matrix;
  for (let top = 0; top < rows; top += block) {
    const bottom = Math.min(top + block, rows);
    for (let left = 0; left < columns; left += block) {
      const right = Math.min(left + block, columns);
      for (let column = left; column < right; column++) {
        let at = xStart + top * from + column;
        const start = yStart + column * to;
        for (let row = top; row < bottom; row++, at += from) y[start + row] = x[at];
      }
    }
  }
}

function strides(shape: readonly number[]): number[] {
  const result = new Array<number>(shape.length).fill(1);
  for (let axis = shape.length - 2; axis >= 0; axis--) result[axis] = result[axis + 1] * shape[axis + 1];
  return result;
}
