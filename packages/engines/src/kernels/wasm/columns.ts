import { SimdModule } from './simd/simd-module.ts';

/** The functions of simd/columns.wat. */
export const columns: SimdModule<'sums' | 'squares' | 'products' | 'affine' | 'combine'> = new SimdModule('columns');

/** Floats of the rows that are summed up together: 16 KB, which stay in the nearest cache from column to column. */
const blockFloats = 4096;

/** Rows of C floats that are summed up together, a multiple of 4. */
export function blockRows(C: number): number {
  return Math.max(4, 4 * Math.floor(blockFloats / C / 4));
}
