import { DataError, OptionError, ShapeError } from '@ltml/tensor';
import { expectClose } from '@ltml/tensor/testing';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import {
  type BytePicture,
  crop,
  type FloatPicture,
  type Picture,
  resizeAntialias,
  resizeInterpolating,
  resizeOpencv,
  toFloat,
} from '../src/index.ts';

/** Grey levels, row by row. */
const grey = (rows: number[][]): BytePicture => ({
  height: rows.length,
  width: rows[0].length,
  pixels: Uint8Array.from(rows.flat().flatMap((level) => [level, level, level])),
});
const levels = ({ pixels }: Picture): number[] => [...pixels].filter((_, i) => i % 3 === 0);

const images = fc
  .record({ height: fc.integer({ min: 1, max: 12 }), width: fc.integer({ min: 1, max: 12 }) })
  .chain(({ height, width }) =>
    fc
      .uint8Array({ minLength: height * width * 3, maxLength: height * width * 3 })
      .map((pixels): BytePicture => ({ height, width, pixels: new Uint8Array(pixels) })),
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
        const exact = resizeAntialias(toFloat(image), options).pixels;
        const clamped = Float32Array.from(exact, (value) => Math.min(Math.max(value, 0), 255));
        // Half a level from each rounding; bicubic may stretch and clamp the first of them.
        const bound = options.filter === 'bilinear' ? 1.01 : 40;
        expectClose(resizeAntialias(image, options).pixels, clamped, { relative: 0, absolute: bound });
      }),
    );
  });

  test('bytes are those of the rule, written down without care for time', () => {
    fc.assert(
      fc.property(images, sizes, (image, options) => {
        expect(resizeAntialias(image, options)).toEqual(byTheRule(image, options));
      }),
    );
  });

  test('a part of the result is that part of the whole result, of bytes and of floats', () => {
    const part = (size: number) =>
      fc.tuple(fc.nat(size - 1), fc.nat(size - 1)).map(([a, b]) => [Math.min(a, b), Math.max(a, b) + 1]);
    const cases = sizes.chain((options) =>
      fc.tuple(fc.constant(options), part(options.height), part(options.width), images, fc.boolean()),
    );
    fc.assert(
      fc.property(cases, ([options, [top, bottom], [left, right], image, float]) => {
        const picture = float ? toFloat(image) : image;
        const keep = { left, top, right, bottom };
        expect(resizeAntialias(picture, { ...options, keep })).toEqual(crop(resizeAntialias(picture, options), keep));
      }),
    );
  });
});

/** Pillow's rule for one axis and then the other, pixel by pixel. */
function byTheRule(image: BytePicture, { height, width, filter }: { height: number; width: number; filter: string }) {
  const weigh = (t: number): number => {
    if (filter === 'bilinear') return Math.max(0, 1 - t);
    if (t < 1) return (1.5 * t - 2.5) * t * t + 1;
    return t < 2 ? (((t - 5) * t + 8) * t - 4) * -0.5 : 0;
  };
  const along = (levels: number[], size: number): number[] => {
    if (levels.length === size) return levels;
    const scale = levels.length / size;
    const stretch = Math.max(scale, 1);
    const support = (filter === 'bilinear' ? 1 : 2) * stretch;
    return Array.from({ length: size }, (_, i) => {
      const centre = (i + 0.5) * scale;
      const first = Math.max(Math.trunc(centre - support + 0.5), 0);
      const end = Math.min(Math.trunc(centre + support + 0.5), levels.length);
      const weights = levels.slice(first, end).map((_, k) => weigh(Math.abs((first + k - centre + 0.5) / stretch)));
      const total = weights.reduce((sum, weight) => sum + weight, 0);
      const whole = weights.map((weight) => {
        const scaled = (weight / total) * 2 ** 22;
        return Math.trunc(scaled + (scaled < 0 ? -0.5 : 0.5));
      });
      const sum = whole.reduce((total, weight, k) => total + weight * levels[first + k], 2 ** 21);
      return Math.min(Math.max(Math.floor(sum / 2 ** 22), 0), 255);
    });
  };
  const channels = [0, 1, 2].map((channel) => {
    const row = (y: number) =>
      Array.from({ length: image.width }, (_, x) => image.pixels[(y * image.width + x) * 3 + channel]);
    const wide = Array.from({ length: image.height }, (_, y) => along(row(y), width));
    const columns = Array.from({ length: width }, (_, x) =>
      along(
        wide.map((values) => values[x]),
        height,
      ),
    );
    return (y: number, x: number) => columns[x][y];
  });
  const pixels = Uint8Array.from({ length: height * width * 3 }, (_, at) => {
    const place = Math.floor(at / 3);
    return channels[at % 3](Math.floor(place / width), place % width);
  });
  return { height, width, pixels };
}

/** Grey floats in a row. */
const line = (values: number[]): FloatPicture => ({
  height: 1,
  width: values.length,
  pixels: Float32Array.from(values.flatMap((value) => [value, value, value])),
});

describe('resizeInterpolating', () => {
  test('an axis that shrinks is sampled between the two nearest places', () => {
    const picture = line([0, 10, 20, 30, 40, 50]);
    expectClose(levels(resizeInterpolating(picture, { height: 1, width: 2, filter: 'bilinear' })), [10, 40]);
    expectClose(levels(resizeInterpolating(picture, { height: 1, width: 3, filter: 'bilinear' })), [5, 25, 45]);
  });

  test('cubic weights at a quarter are those of a = −0.75, or of −0.5 with antialiasing', () => {
    // One at place 1 of four; doubled, the place 3 lies a quarter after it.
    const picture = line([0, 1, 0, 0]);
    const weight = (a: number): number => (a + 2) / 64 - (a + 3) / 16 + 1;
    const options = { height: 1, width: 8, filter: 'bicubic' } as const;
    const at3 = [resizeInterpolating, resizeAntialias].map((resize) => levels(resize(picture, options))[3]);
    expectClose(at3, [weight(-0.75), weight(-0.5)]);
  });

  test('channels do not mix', () => {
    const pixels = Float32Array.of(1, 10, 100, 2, 20, 200, 3, 30, 300, 4, 40, 400);
    const resized = resizeInterpolating({ height: 2, width: 2, pixels }, { height: 3, width: 1, filter: 'bicubic' });
    for (let i = 0; i < 3; i++) {
      const [red, green, blue] = resized.pixels.subarray(3 * i);
      expectClose([green, blue], [10 * red, 100 * red]);
    }
  });
});

describe('resizeOpencv', () => {
  test('of bytes is within a level of floats', () => {
    fc.assert(
      fc.property(images, sizes, (image, { height, width }) => {
        const exact = resizeOpencv(toFloat(image), { height, width });
        expectClose(resizeOpencv(image, { height, width }).pixels, exact.pixels, { relative: 0, absolute: 1 });
      }),
    );
  });

  test('of floats has half-pixel centres, and is held at the borders', () => {
    const ramp = line([0, 1, 2, 3]);
    expectClose(levels(resizeOpencv(ramp, { height: 1, width: 2 })), [0.5, 2.5]);
    expectClose(levels(resizeOpencv(ramp, { height: 1, width: 8 })), [0, 0.25, 0.75, 1.25, 1.75, 2.25, 2.75, 3]);
    const square = toFloat(grey([[0, 1], [2, 3]])); // biome-ignore format: a square
    expectClose(resizeOpencv(square, { height: 1, width: 1 }).pixels, [1.5, 1.5, 1.5]);
    expect(resizeOpencv(square, { height: 2, width: 2 })).toEqual(square);
  });
});

describe('crop', () => {
  test('cuts rows and columns', () => {
    const image = grey([
      [1, 2, 3],
      [4, 5, 6],
      [7, 8, 9],
    ]);
    expect(levels(crop(image, { top: 1, left: 0, bottom: 3, right: 2 }))).toEqual([4, 5, 7, 8]);
  });

  test('a box over the border is refused', () => {
    const image = grey([[1, 2]]);
    for (const box of [{ right: 3 }, { left: -1 }, { left: 2 }, { left: 0.5 }, { bottom: 2 }, { top: 1 }]) {
      const whole = { top: 0, left: 0, bottom: 1, right: 2 };
      expect(() => crop(image, { ...whole, ...box })).toThrow(expect.toSatisfy(ShapeError.is));
    }
  });
});

test('pictures whose sides and levels disagree, and sizes that are none, are refused', () => {
  const image = grey([[1, 2]]);
  const size = { height: 1, width: 1, filter: 'bilinear' } as const;
  expect(() => resizeAntialias({ ...image, height: 2 }, size)).toThrow(expect.toSatisfy(ShapeError.is));
  expect(() => resizeAntialias(image, { ...size, width: 0 })).toThrow(expect.toSatisfy(OptionError.is));
  expect(() => resizeAntialias(image, { ...size, filter: 'nearest' as never })).toThrow(/one of bilinear, bicubic/);
  expect(() => resizeOpencv(image, { height: 1.5, width: 1 })).toThrow(expect.toSatisfy(OptionError.is));
  expect(() => resizeInterpolating({ height: 1, width: 2, pixels: new Float32Array(5) }, size)).toThrow(
    expect.toSatisfy(ShapeError.is),
  );
  for (const pixels of [[1, 1, 1, 2, 2, 2], new Int32Array(6), new Uint16Array(6), undefined]) {
    for (const resize of [resizeAntialias, resizeInterpolating]) {
      expect(() => resize({ ...image, pixels: pixels as never }, size)).toThrow(expect.toSatisfy(DataError.is));
    }
  }
});
