import { RandomStream } from '@ltml/tensor';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { type LevelsWork, resamplePlainly, toFixedPoint } from '../src/resize/resample-plain.ts';
import { resampleModule } from '../src/resize/resample-simd.generated.ts';
import { resampleBySimd } from '../src/resize/resample-simd.ts';
import { antialiasedTaps, type ResizeFilter } from '../src/resize/taps.ts';
import { assemble } from './assemble.ts';

interface Sides {
  readonly height: number;
  readonly width: number;
}

/** A picture of noise with many black and white pixels, which bicubic weights overshoot. */
function workOf(old: Sides, size: Sides, filter: ResizeFilter, random: RandomStream): LevelsWork {
  const level = (): number => Math.min(Math.max(random.integer(512) - 128, 0), 255);
  const axis = (length: number, places: number) =>
    antialiasedTaps({ length, from: 0, to: length, size: places, first: 0, end: places }, filter);
  const [rows, columns] = [axis(old.height, size.height), axis(old.width, size.width)];
  return {
    levels: Uint8Array.from({ length: old.height * old.width * 3 }, level),
    width: old.width,
    band: { first: 0, count: old.height },
    rows: toFixedPoint(rows),
    columns: toFixedPoint(columns),
  };
}

const side = fc.integer({ min: 1, max: 70 });
const sides = fc.record({ height: side, width: side });
const filters = ['bilinear', 'bicubic'] as const;

test('gives the bytes of the plain one, whatever the sizes', () => {
  fc.assert(
    fc.property(sides, sides, fc.constantFrom(...filters), fc.nat(), (old, size, filter, seed) => {
      const work = workOf(old, size, filter, new RandomStream(seed));
      expect(Buffer.compare(resampleBySimd(work) as Uint8Array, resamplePlainly(work))).toBe(0);
    }),
    { numRuns: 150 },
  );
});

test('a picture that is copied in in parts has no seams', () => {
  const work = workOf({ height: 900, width: 1200 }, { height: 31, width: 53 }, 'bicubic', new RandomStream(1));
  expect(Buffer.compare(resampleBySimd(work) as Uint8Array, resamplePlainly(work))).toBe(0);
});

test('what takes more than 64 MiB is left to the plain one', () => {
  const work = workOf({ height: 1, width: 1 }, { height: 5000, width: 5000 }, 'bilinear', new RandomStream(1));
  expect(resampleBySimd(work)).toBeUndefined();
});

test('the module is that of resample-simd.wat', async () => {
  expect(resampleModule).toBe(await assemble());
});
