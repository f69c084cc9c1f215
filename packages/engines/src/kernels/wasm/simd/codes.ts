import { code as columns } from './columns.generated.ts';
import { code as filterGradient } from './filter-gradient.generated.ts';
import { code as matrixProduct } from './matrix-product.generated.ts';
import { code as reluGradient } from './relu-gradient.generated.ts';
import { code as update } from './update.generated.ts';

/** A module of ours in base64, for an engine of one thread and for one whose memory threads share. */
export interface SimdCode {
  readonly single: string;
  readonly shared: string;
}

export type SimdName = 'columns' | 'filterGradient' | 'matrixProduct' | 'reluGradient' | 'update';

/** Our modules of WebAssembly with vectors of four numbers, which work in the engine's memory. */
export const codes: Readonly<Record<SimdName, SimdCode>> = {
  columns,
  filterGradient,
  matrixProduct,
  reluGradient,
  update,
};
