import { OptionError, ShapeError } from '@ltml/tensor';
import { expectClose } from '@ltml/tensor/testing';
import { describe, expect, test } from 'vitest';
import {
  centerCropBox,
  clipPreprocessing,
  cprflPreprocessing,
  dsclPreprocessing,
  mktPreprocessing,
  preprocess,
  preprocessDb,
  type RgbImage,
  sarbPreprocessing,
  shorterSideSize,
} from '../src/index.ts';

const flat = (height: number, width: number, color: number[]): RgbImage => ({
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
