import { code as columns } from './columns.generated.ts';
import { code as filterGradient } from './filter-gradient.generated.ts';
import { code as matrixProduct } from './matrix-product.generated.ts';
import { code as reluGradient } from './relu-gradient.generated.ts';
import { code as update } from './update.generated.ts';

/** A SIMD module in base64: for an engine with one thread, and for one whose threads share memory. */
export interface SimdCode {
  readonly single: string;
  readonly shared: string;
}

export type SimdName = 'columns' | 'filterGradient' | 'matrixProduct' | 'reluGradient' | 'update';

/** LTML's WebAssembly modules with SIMD (vectors of four floats). They work in the engine's memory. */
export const codes: Readonly<Record<SimdName, SimdCode>> = {
  columns,
  filterGradient,
  matrixProduct,
  reluGradient,
  update,
};
