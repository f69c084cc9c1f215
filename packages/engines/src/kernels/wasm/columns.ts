import { SimdModule } from './simd/simd-module.ts';

/** The functions of simd/columns.wat. */
export const columns: SimdModule<'sums' | 'squares' | 'products' | 'affine' | 'combine'> = new SimdModule('columns');

/**
 * Floats per block of rows that are summed together: 16 KB, which stay in the first-level cache from column to column.
 */
const blockFloats = 4096;

/** Rows of C floats per block, a multiple of 4. */
export function blockRows(C: number): number {
  return Math.max(4, 4 * Math.floor(blockFloats / C / 4));
}
