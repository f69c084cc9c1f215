import { RandomStream } from '@ltml/tensor';
import type { Optdigits } from '../optdigits.ts';

/** Indices of handwritten digits, for each digit. */
export type GlyphPool = readonly (readonly number[])[];

/** Handwritten digits by purpose. No handwritten digit is in two pools. */
export interface GlyphPools {
  readonly train: GlyphPool;
  readonly test: GlyphPool;
  readonly sourceTrain: GlyphPool;
  readonly sourceValidation: GlyphPool;
}

/**
 * Assigns the handwritten digits to the pools, separately for each digit: 25 % train, 25 % test, 40 % source training,
 * 10 % source validation.
 *
 * It does not depend on a data set's seed, so an encoder pretrained on the source task has never seen a digit of a
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
