import { runInNewContext } from 'node:vm';
import { DataError, OptionError, RandomStream, ShapeError } from '@ltml/tensor';
import { expectClose } from '@ltml/tensor/testing';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import {
  type BytePicture,
  centerCropBox,
  clipPipeline,
  crop,
  type Picture,
  resizeAntialias,
  resolvePipeline,
  type Step,
  shorterSideSize,
  stepNames,
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

test('CLIP’s pipeline gives its size and statistics', () => {
  const { height, width, pixels } = resolvePipeline(clipPipeline())(flat(30, 50, [255, 0, 0]));
  expect([height, width, pixels.length]).toEqual([224, 224, 224 * 224 * 3]);
  expectClose(pixels.subarray(0, 2), [(1 - 0.48145466) / 0.26862954, -0.4578275 / 0.26130258], { relative: 1e-6 });
});

describe('resolvePipeline', () => {
  test('rounds no float pixels, whether they are resized or not', () => {
    const level = 0.3;
    const floats = { height: 4, width: 6, pixels: new Float32Array(72).fill(level) };
    for (const size of [
      { height: 4, width: 6 },
      { height: 3, width: 5 },
      { height: 9, width: 7 },
    ]) {
      for (const how of [{ filter: 'bilinear' }, { filter: 'bicubic' }, { like: 'opencv' }] as const) {
        const { pixels } = resolvePipeline([{ name: 'resize', ...size, ...how }])(floats);
        expect(pixels).toHaveLength(3 * size.height * size.width);
        expectClose(pixels, new Float32Array(pixels.length).fill(level), { absolute: 1e-6 });
      }
    }
  });

  test('does the steps in order', () => {
    const picture = noise(6, 8, 3);
    const sized = resolvePipeline([
      { name: 'padToMultiple', multiple: 4 },
      { name: 'resize', height: 4, width: 2 },
      { name: 'centerCrop', size: 2 },
      { name: 'normalize', mean: [1, 1, 1], std: [2, 2, 2] },
    ]);
    const padded = { height: 8, width: 8, pixels: new Uint8Array(192) };
    padded.pixels.set(picture.pixels);
    const small = resizeAntialias(padded, { height: 4, width: 2, filter: 'bilinear' });
    const middle = crop(small, { left: 0, top: 1, right: 2, bottom: 3 });
    expectClose(
      sized(picture).pixels,
      Float32Array.from(middle.pixels, (level) => (level - 1) / 2),
    );
    expect(resolvePipeline([])(picture)).toBe(picture);
  });

  test('refuses what is no picture, whatever the steps', () => {
    const good = noise(2, 3, 1);
    const none = resolvePipeline([]);
    for (const change of [{ height: 3 }, { width: 0 }, { height: 1.5 }, { pixels: good.pixels.subarray(1) }]) {
      expect(() => none({ ...good, ...change })).toThrow(expect.toSatisfy(ShapeError.is));
    }
    for (const pixels of [[...good.pixels], Int32Array.from(good.pixels), null, undefined, new Uint8ClampedArray(18)]) {
      expect(() => none({ ...good, pixels: pixels as never })).toThrow(expect.toSatisfy(DataError.is));
    }
  });

  test('takes arrays of another context', () => {
    const pixels = runInNewContext('new Uint8Array(12).fill(7)') as Uint8Array;
    const { pixels: resized } = resolvePipeline([{ name: 'resize', height: 3, width: 3 }])({
      height: 2,
      width: 2,
      pixels,
    });
    expect([...resized]).toEqual(new Array(27).fill(7));
  });

  test('names an unknown step and lists those it knows', () => {
    for (const name of ['rezise', 'Resize', '', undefined, 'constructor', 'toString']) {
      const call = () => resolvePipeline([{ name: 'toFloat' }, { name } as unknown as Step]);
      expect(call).toThrow(expect.toSatisfy(OptionError.is));
      expect(call).toThrow(/pipeline\[1\]\.name should be one of resize, centerCrop, .*normalize/);
    }
    for (const bad of [null, 'resize', { name: 'resize' }, [null], ['resize'], [[]]]) {
      expect(() => resolvePipeline(bad as never)).toThrow(expect.toSatisfy(OptionError.is));
    }
  });

  test('refuses options that a step does not know, in every step', () => {
    const needed: Record<string, object> = {
      resize: { height: 2, width: 2 },
      centerCrop: { size: 2 },
      fiveCrops: { size: 2 },
      randomResizedCrop: { size: 2 },
      randomSquareCrop: { sides: [2] },
      padToMultiple: { multiple: 2 },
      padAndShift: { padding: 1 },
      randomGrayscale: { probability: 0.5 },
      normalize: { mean: [0, 0, 0], std: [1, 1, 1] },
    };
    for (const name of stepNames) {
      const step = { name, ...needed[name] } as Step;
      const { height, width } = resolvePipeline([step])(noise(4, 4, 5), new RandomStream(1));
      expect(Math.min(height, width), name).toBeGreaterThan(0);
      const misspelt = () => resolvePipeline([{ ...step, ...{ probabillity: 1 } } as Step]);
      expect(misspelt, name).toThrow(/unknown option "probabillity"/);
    }
  });

  test.each<[string, Step]>([
    ['no size', { name: 'resize' }],
    ['one side', { name: 'resize', height: 3 }],
    ['two kinds of sizes', { name: 'resize', height: 3, width: 3, shorterSide: 3 }],
    ['half a pixel', { name: 'resize', shorterSide: 2.5 }],
    ['a filter', { name: 'resize', shorterSide: 2, filter: 'lanczos' as never }],
    ['a filter of OpenCV', { name: 'resize', shorterSide: 2, filter: 'bicubic', like: 'opencv' }],
    ['a library', { name: 'resize', shorterSide: 2, like: 'PIL' as never }],
    ['a crop of nothing', { name: 'centerCrop', size: 0 }],
  ])('refuses %s', (_, step) => {
    expect(() => resolvePipeline([step])).toThrow(expect.toSatisfy(OptionError.is));
    expect(() => resolvePipeline([step, { name: 'centerCrop', size: 1 }])).toThrow(expect.toSatisfy(OptionError.is));
  });
});

test('padding is zero, not black, where it comes after the statistics', () => {
  const { height, width, pixels } = resolvePipeline([
    { name: 'resize', height: 20, width: 20, like: 'opencv' },
    { name: 'normalize', mean: [123.675, 116.28, 103.53], std: [58.395, 57.12, 57.375] },
    { name: 'padToMultiple', multiple: 32 },
  ])(flat(9, 9, [0, 0, 0]));
  expect([height, width]).toEqual([32, 32]);
  const red = (y: number, x: number): number => pixels[(y * 32 + x) * 3];
  expectClose([red(0, 0), red(19, 19)], [-123.675 / 58.395, -123.675 / 58.395]);
  expect([red(20, 0), red(0, 20), red(31, 31)]).toEqual([0, 0, 0]);
});

test('floats are never rounded, whether they are resized or not', () => {
  const halves = (height: number): Picture => ({ height, width: 4, pixels: new Float32Array(height * 12).fill(0.5) });
  const same = resolvePipeline([
    { name: 'resize', shorterSide: 4, filter: 'bicubic' },
    { name: 'centerCrop', size: 4 },
    { name: 'normalize', mean: [0, 0, 0], std: [1, 1, 1] },
  ]);
  for (const height of [4, 5, 9]) expectClose(same(halves(height)).pixels, new Float32Array(48).fill(0.5));
});

test('the middle of a picture is that of the whole resized picture', () => {
  fc.assert(
    fc.property(
      ...[fc.integer({ min: 1, max: 40 }), fc.integer({ min: 1, max: 40 }), fc.integer({ min: 1, max: 12 })],
      ...[fc.nat(11), fc.constantFrom('bilinear' as const, 'bicubic' as const), fc.constantFrom('pillow', 'opencv')],
      (height, width, side, less, filter, like) => {
        const picture = noise(height, width, height + width);
        const size = Math.max(side - less, 1);
        const given = like === 'opencv' ? 'bilinear' : filter;
        const resize = { name: 'resize', shorterSide: side, filter: given, like } as Step;
        const whole = resolvePipeline([resize])(picture);
        const middle = crop(whole, centerCropBox(shorterSideSize(picture, side), { height: size, width: size }));
        expect(resolvePipeline([resize, { name: 'centerCrop', size }])(picture)).toEqual(middle);
      },
    ),
  );
});

test('a picture as long as it may be takes no longer than its pixels', () => {
  const toInput = resolvePipeline(clipPipeline(224));
  for (const [height, width] of [
    [1, 20_000],
    [20_000, 1],
    [2, 30_000],
  ]) {
    const start = performance.now();
    expect(toInput(flat(height, width, [1, 2, 3]))).toMatchObject({ height: 224, width: 224 });
    expect(performance.now() - start).toBeLessThan(1000);
  }
});

function noise(height: number, width: number, seed: number): BytePicture {
  const random = new RandomStream(seed);
  return { height, width, pixels: Uint8Array.from({ length: height * width * 3 }, () => random.integer(256)) };
}
