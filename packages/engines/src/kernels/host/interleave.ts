import type { HostKernel } from './host-kernel.ts';

interface Attributes {
  readonly rows: number;
  readonly columns: number;
  readonly height: number;
  readonly width: number;
}

/**
 * Interleaves `rows` × `columns` parts [B, M, N, C] → [B, height, width, C]: part [r][q] gives rows r, r + rows, … and
 * columns q, q + columns, …
 */
export const interleave: HostKernel<Attributes> = {
  name: 'ltml/Interleave',
  outputShapes: ({ 0: { shape } }, { height, width }) => [[shape[0], height, width, shape[3]]],
  run(inputs, [y], { rows, columns, height, width }, { 0: [B, M, N, C] }) {
    const parts = Array.from({ length: rows * columns }, (_, i) => inputs[i]);
    let to = 0;
    for (let b = 0; b < B; b++) {
      for (let row = 0; row < height; row++) {
        const start = (b * M + Math.floor(row / rows)) * N;
        for (let column = 0; column < width; column++) {
          const part = parts[(row % rows) * columns + (column % columns)];
          const from = (start + Math.floor(column / columns)) * C;
          for (let c = 0; c < C; c++) y[to++] = part[from + c];
        }
      }
    }
  },
};
