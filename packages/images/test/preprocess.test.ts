import { OptionError, RandomStream, ShapeError } from '@ltml/tensor';
import { expectClose } from '@ltml/tensor/testing';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import {
  type BytePicture,
  centerCropBox,
  clipPreprocessing,
  cprflPreprocessing,
  crop,
  dsclPreprocessing,
  mktPreprocessing,
  type Picture,
  preprocess,
  preprocessDb,
  resizeAntialias,
  sarbPreprocessing,
  shorterSideSize,
} from '../src/index.ts';

const flat = (height: number, width: number, color: number[]): BytePicture => ({
  height,
  width,
  pixels: Uint8Array.from({ length: height * width * 3 }, (_, i) => color[i % 3]),
});

test('the shorter side is what was asked for, the longer one rounded down', () => {
  expect(shorterSideSize({ height: 480, width: 640 }, 256)).toEqual({ height: 256, width: 341 });
  expect(shorterSideSize({ height: 640, width: 427 }, 224)).toEqual({ height: 335, width: 224 });
  expect(shorterSideSize({ height: 5, width: 5 }, 8)).toEqual({ height: 8, width: 8 });
});

test('half a pixel of the crop is rounded to even', () => {
  const left = (width: number): number => centerCropBox({ height: 4, width }, { height: 4, width: 4 }).left;
  expect([8, 9, 10, 11].map(left)).toEqual([2, 2, 3, 4]);
  expect(() => centerCropBox({ height: 3, width: 9 }, { height: 4, width: 4 })).toThrow(
    expect.toSatisfy(ShapeError.is),
  );
});

describe('the pipelines of the papers', () => {
  test.each([
    ['CLIP', clipPreprocessing(), 224, [(1 - 0.48145466) / 0.26862954, -0.4578275 / 0.26130258]],
    ['MKT', mktPreprocessing(), 224, [(1 - 0.485) / 0.229, -0.456 / 0.224]],
    ['SARB', sarbPreprocessing(), 448, [(1 - 0.485) / 0.229, -0.456 / 0.224]],
    ['CPRFL', cprflPreprocessing(), 448, [1, 0]],
    ['DSCL', dsclPreprocessing(), 224, [(1 - 0.485) / 0.229, -0.456 / 0.224]],
  ])('%s gives its size and statistics', (_, preprocessing, size, [red, green]) => {
    const { height, width, pixels } = preprocess(flat(30, 50, [255, 0, 0]), preprocessing);
    expect([height, width, pixels.length]).toEqual([size, size, size * size * 3]);
    expectClose(pixels.subarray(0, 2), [red, green], { relative: 1e-6 });
  });

  test('their shorter sides are those of the released code', () => {
    expect(mktPreprocessing(224).resize).toBe(256);
    expect(mktPreprocessing(384).resize).toBe(384);
    expect(dsclPreprocessing(224).resize).toBe(256);
    expect(dsclPreprocessing(64).resize).toBe(73);
  });
});

describe('preprocessDb', () => {
  test('pads below and at the right with zeros, not with black', () => {
    const { height, width, pixels } = preprocessDb(flat(9, 9, [0, 0, 0]), { size: 20 });
    expect([height, width]).toEqual([32, 32]);
    const red = (y: number, x: number): number => pixels[(y * 32 + x) * 3];
    expectClose([red(0, 0), red(19, 19)], [-123.675 / 58.395, -123.675 / 58.395]);
    expect([red(20, 0), red(0, 20), red(31, 31)]).toEqual([0, 0, 0]);
  });

  test('mirrors the picture, not the padding', () => {
    const image = { height: 1, width: 2, pixels: Uint8Array.of(0, 0, 0, 200, 200, 200) };
    const red = (flip: boolean): number[] =>
      [0, 1].map((x) => preprocessDb(image, { size: 2, multiple: 3, flip }).pixels[x * 3]);
    expect(red(true)).toEqual(red(false).reverse());
    expect(red(true)[0]).toBeGreaterThan(red(true)[1]);
  });
});

test('unknown options are refused', () => {
  const refused = expect.toSatisfy(OptionError.is);
  expect(() => preprocess(flat(2, 2, [0, 0, 0]), { ...clipPreprocessing(2), mean: 0 } as never)).toThrow(refused);
  expect(() => preprocessDb(flat(2, 2, [0, 0, 0]), { sise: 2 } as never)).toThrow(refused);
});

test('floats are never rounded, whether they are resized or not', () => {
  const halves = (height: number): Picture => ({ height, width: 4, pixels: new Float32Array(height * 12).fill(0.5) });
  const unit = { mean: [0, 0, 0], std: [1, 1, 1] } as const;
  for (const height of [4, 5, 9]) {
    const { pixels } = preprocess(halves(height), { resize: 4, filter: 'bicubic', crop: 4, statistics: unit });
    expectClose(pixels, new Float32Array(48).fill(0.5), { relative: 1e-6 });
  }
});

test('the middle of a picture is that of the whole resized picture', () => {
  fc.assert(
    fc.property(fc.integer({ min: 1, max: 40 }), fc.integer({ min: 1, max: 40 }), fc.nat(), (height, width, seed) => {
      const random = new RandomStream(seed);
      const pixels = Uint8Array.from({ length: height * width * 3 }, () => random.integer(256));
      const side = 5 + random.integer(8);
      const size = shorterSideSize({ height, width }, side);
      const whole = resizeAntialias({ height, width, pixels }, { ...size, filter: 'bicubic' });
      const middle = crop(whole, centerCropBox(size, { height: side - 2, width: side - 2 }));
      const statistics = { mean: [0, 0, 0], std: [1, 1, 1] } as const;
      const made = preprocess(
        { height, width, pixels },
        { resize: side, filter: 'bicubic', crop: side - 2, statistics },
      );
      expect([...made.pixels]).toEqual([...middle.pixels]);
    }),
  );
});

test('a picture as long as it may be takes no longer than its pixels', () => {
  for (const [height, width] of [
    [1, 20_000],
    [20_000, 1],
    [2, 30_000],
  ]) {
    // biome-ignore format: sizes
    const start = performance.now();
    expect(preprocess(flat(height, width, [1, 2, 3]), clipPreprocessing(224))).toMatchObject({
      height: 224,
      width: 224,
    });
    expect(performance.now() - start).toBeLessThan(1000);
  }
});
