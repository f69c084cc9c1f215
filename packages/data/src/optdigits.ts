import { packedOptdigits } from './optdigits.generated.ts';
import { unpackLevels } from './optdigits-packing.ts';

/** Handwritten digits of 8 × 8 pixels. */
export interface Optdigits {
  /** N, 1,797 images. */
  readonly length: number;
  /** [N, 8, 8] ink from 0 (paper) to 16. */
  readonly pixels: Uint8Array;
  /** [N] the digit, 0 … 9. */
  readonly digits: Uint8Array;
}

/**
 * The test part of "Optical Recognition of Handwritten Digits" (E. Alpaydin, C. Kaynak, 1998; UCI Machine Learning
 * Repository, CC BY 4.0): 1,797 digits by 13 people. This package contains them as packed text.
 */
export function optdigits(): Optdigits {
  // An image is packed as 64 pixels, its digit, and a zero that makes the count a multiple of three.
  const rows = packedOptdigits.split('\n').map(unpackLevels);
  const pixels = new Uint8Array(rows.length * 64);
  for (const [i, row] of rows.entries()) pixels.set(row.subarray(0, 64), i * 64);
  return { length: rows.length, pixels, digits: Uint8Array.from(rows, (row) => row[64]) };
}
