import { RandomStream } from '@ltml/tensor';
import type { Optdigits } from '../optdigits.ts';

/** Indices of handwritten digits, by digit. */
export type GlyphPool = readonly (readonly number[])[];

/** What each pool is for. No handwritten digit is in two of them. */
export interface GlyphPools {
  readonly train: GlyphPool;
  readonly test: GlyphPool;
  readonly sourceTrain: GlyphPool;
  readonly sourceValidation: GlyphPool;
}

/**
 * Deals the handwritten digits out, each digit by itself: 25 % train, 25 % test, 40 % and 10 % for the source task.
 *
 * The same for every seed of a data set, so that an encoder pretrained on the source task has never seen a digit of any
 * target set.
 */
export function dealGlyphs({ digits }: Optdigits): GlyphPools {
  const random = new RandomStream(0);
  const byDigit = Array.from({ length: 10 }, (_, digit) =>
    random.shuffle([...digits.keys()].filter((i) => digits[i] === digit)),
  );
  const between = (from: number, to: number): GlyphPool =>
    byDigit.map((indices) => indices.slice(Math.floor(indices.length * from), Math.floor(indices.length * to)));
  return {
    train: between(0, 0.25),
    test: between(0.25, 0.5),
    sourceTrain: between(0.5, 0.9),
    sourceValidation: between(0.9, 1),
  };
}
