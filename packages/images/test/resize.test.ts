import { OptionError, ShapeError } from '@ltml/tensor';
import { expectClose } from '@ltml/tensor/testing';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { cropImage, type RgbImage, resizeAntialias, resizeFloat, resizeOpencv } from '../src/index.ts';

/** Grey levels, row by row. */
const grey = (rows: number[][]): RgbImage => ({
  height: rows.length,
  width: rows[0].length,
  pixels: Uint8Array.from(rows.flat().flatMap((level) => [level, level, level])),
});
const levels = ({ pixels }: RgbImage): number[] => [...pixels].filter((_, i) => i % 3 === 0);

const images = fc
  .record({ height: fc.integer({ min: 1, max: 12 }), width: fc.integer({ min: 1, max: 12 }) })
  .chain(({ height, width }) =>
    fc
      .uint8Array({ minLength: height * width * 3, maxLength: height * width * 3 })
      .map((pixels): RgbImage => ({ height, width, pixels: new Uint8Array(pixels) })),
  );
const sizes = fc.record({
  height: fc.integer({ min: 1, max: 20 }),
  width: fc.integer({ min: 1, max: 20 }),
  filter: fc.constantFrom('bilinear' as const, 'bicubic' as const),
});

describe('resizeAntialias', () => {
  test('halving by the triangle weighs the neighbours 1 : 3 : 3 : 1, less at the border', () => {
    // Centre 2 of the second place: distances 1.5, 0.5, 0.5, 1.5 in units of 2, weights 1/8, 3/8, 3/8, 1/8.
    const { pixels } = resizeAntialias(grey([[0, 0, 80, 0, 0, 0]]), { height: 1, width: 3, filter: 'bilinear' });
    expect(levels({ height: 1, width: 3, pixels })).toEqual([11, 30, 0]);
  });

  test('doubling by the triangle interpolates', () => {
    expect(levels(resizeAntialias(grey([[0, 100]]), { height: 1, width: 4, filter: 'bilinear' }))).toEqual([
      0, 25, 75, 100,
    ]);
  });

  test('an axis that keeps its size is left alone, and the picture too', () => {
    fc.assert(
      fc.property(images, fc.constantFrom('bilinear' as const, 'bicubic' as const), (image, filter) => {
        expect(resizeAntialias(image, { height: image.height, width: image.width, filter }).pixels).toEqual(
          image.pixels,
        );
      }),
    );
  });

  test('a picture of one level stays so, whatever the sizes', () => {
    fc.assert(
      fc.property(images, sizes, fc.integer({ min: 0, max: 255 }), (image, options, level) => {
        const flat = { ...image, pixels: new Uint8Array(image.pixels.length).fill(level) };
        expect(new Set(resizeAntialias(flat, options).pixels)).toEqual(new Set([level]));
      }),
    );
  });

  test('it is the float resize, rounded after each axis', () => {
    fc.assert(
      fc.property(images, sizes, (image, options) => {
        const grid = { ...image, channels: 3, values: image.pixels };
        const exact = resizeFloat(grid, { ...options, antialias: true });
        const clamped = exact.map((value) => Math.min(Math.max(value, 0), 255));
        // Half a level from each rounding; bicubic may stretch and clamp the first of them.
        const bound = options.filter === 'bilinear' ? 1.01 : 40;
        expectClose(resizeAntialias(image, options).pixels, clamped, { relative: 0, absolute: bound });
      }),
    );
  });
});

describe('resizeFloat', () => {
  test('without antialiasing an axis that shrinks is sampled between the two nearest places', () => {
    const grid = { height: 1, width: 6, channels: 1, values: [0, 10, 20, 30, 40, 50] };
    expectClose(resizeFloat(grid, { height: 1, width: 2, filter: 'bilinear' }), [10, 40]);
    expectClose(resizeFloat(grid, { height: 1, width: 3, filter: 'bilinear' }), [5, 25, 45]);
  });

  test('cubic weights at a quarter are those of a = −0.75, or of −0.5 with antialiasing', () => {
    // One at place 1 of four; doubled, the place 3 lies a quarter after it.
    const grid = { height: 1, width: 4, channels: 1, values: [0, 1, 0, 0] };
    const weight = (a: number): number => (a + 2) / 64 - (a + 3) / 16 + 1;
    const at3 = (antialias: boolean): number =>
      resizeFloat(grid, { height: 1, width: 8, filter: 'bicubic', antialias })[3];
    expectClose([at3(false), at3(true)], [weight(-0.75), weight(-0.5)]);
  });

  test('channels do not mix', () => {
    const values = [1, 10, 2, 20, 3, 30, 4, 40];
    const resized = resizeFloat(
      { height: 2, width: 2, channels: 2, values },
      { height: 3, width: 1, filter: 'bicubic' },
    );
    for (let i = 0; i < 3; i++) expectClose([resized[2 * i + 1]], [10 * resized[2 * i]]);
  });
});

describe('resizeOpencv', () => {
  test('is within a level of the float bilinear resize', () => {
    fc.assert(
      fc.property(images, sizes, (image, { height, width }) => {
        const grid = { ...image, channels: 3, values: image.pixels };
        const exact = resizeFloat(grid, { height, width, filter: 'bilinear' });
        expectClose(resizeOpencv(image, { height, width }).pixels, exact, { relative: 0, absolute: 1 });
      }),
    );
  });
});

describe('cropImage', () => {
  test('cuts rows and columns', () => {
    const image = grey([
      [1, 2, 3],
      [4, 5, 6],
      [7, 8, 9],
    ]);
    expect(levels(cropImage(image, { top: 1, left: 0, height: 2, width: 2 }))).toEqual([4, 5, 7, 8]);
  });

  test('a box over the border is refused', () => {
    const image = grey([[1, 2]]);
    for (const box of [{ left: 1 }, { left: -1 }, { width: 0 }, { left: 0.5 }, { height: 2 }]) {
      const whole = { top: 0, left: 0, height: 1, width: 2 };
      expect(() => cropImage(image, { ...whole, ...box })).toThrow(expect.toSatisfy(ShapeError.is));
    }
  });
});

test('pictures whose sides and levels disagree, and sizes that are none, are refused', () => {
  const image = grey([[1, 2]]);
  const size = { height: 1, width: 1, filter: 'bilinear' } as const;
  expect(() => resizeAntialias({ ...image, height: 2 }, size)).toThrow(expect.toSatisfy(ShapeError.is));
  expect(() => resizeAntialias(image, { ...size, width: 0 })).toThrow(expect.toSatisfy(OptionError.is));
  expect(() => resizeAntialias(image, { ...size, filter: 'nearest' as never })).toThrow(/bilinear or bicubic/);
  expect(() => resizeOpencv(image, { height: 1.5, width: 1 })).toThrow(expect.toSatisfy(OptionError.is));
  const grid = { height: 1, width: 2, channels: 2, values: [1, 2, 3] };
  expect(() => resizeFloat(grid, size)).toThrow(expect.toSatisfy(ShapeError.is));
});
