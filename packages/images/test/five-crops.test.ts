import { fiveCrops, outputSize, resolvePipeline } from '@ltml/images';
import { OptionError, ShapeError } from '@ltml/tensor';
import { expect, it } from 'vitest';

/** Each pixel tells its place: row, column, 7. */
const picture = {
  height: 4,
  width: 6,
  pixels: Uint8Array.from({ length: 72 }, (_, i) => [Math.floor(i / 18), Math.floor(i / 3) % 6, 7][i % 3]),
};
/** Row and column of the top left pixel of each crop of side 3. */
const corners = (pixels: ArrayLike<number>) =>
  Array.from({ length: pixels.length / 27 }, (_, k) => [pixels[27 * k], pixels[27 * k + 1]]);

it('puts corners and middle one below the other, then those of the mirrored picture', () => {
  const five = fiveCrops({ size: 3 })(picture);
  expect([five.height, five.width]).toEqual([15, 3]);
  // Half a pixel is rounded to even: (4 − 3) / 2 to 0, (6 − 3) / 2 to 2.
  const expected = [
    [0, 0],
    [0, 3],
    [1, 0],
    [1, 3],
    [0, 2],
  ];
  expect(corners(five.pixels)).toEqual(expected);
  const ten = fiveCrops({ size: 3, mirrored: true })(picture);
  expect(corners(ten.pixels)).toEqual([...expected, ...expected.map(([row, column]) => [row, 5 - column])]);
});

it('is a step of a pipeline, of one size for all pictures', () => {
  const pipeline = [
    { name: 'resize', shorterSide: 8, filter: 'bilinear' },
    { name: 'fiveCrops', size: 6 },
  ] as const;
  expect(outputSize(pipeline)).toEqual({ height: 30, width: 6 });
  expect(resolvePipeline(pipeline)(picture).pixels).toHaveLength(30 * 6 * 3);
});

it('refuses a smaller picture and options that make no sense', () => {
  expect(() => fiveCrops({ size: 5 })(picture)).toThrow(ShapeError);
  expect(() => fiveCrops({ size: 0 })).toThrow(OptionError);
  expect(() => fiveCrops({ size: 3, mirror: true } as never)).toThrow(OptionError);
});
