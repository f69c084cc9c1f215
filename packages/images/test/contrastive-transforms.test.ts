import { RandomStream } from '@ltml/tensor';
import { expectClose } from '@ltml/tensor/testing';
import { describe, expect, it } from 'vitest';
import {
  colorJitter,
  gaussianBlur,
  type Picture,
  randomGrayscale,
  randomResizedCrop,
  resizeAntialias,
} from '../src/index.ts';

function drawPicture(height: number, width: number, seed = 1): Picture {
  const random = new RandomStream(seed);
  return { height, width, pixels: Float32Array.from({ length: height * width * 3 }, () => random.integer(256)) };
}

/** A pixel of a resized box by its definition: all pixels of the box, weighed by a triangle along each axis. */
function resizedPixel(
  { width, pixels }: Picture,
  box: number[],
  size: number[],
  y: number,
  x: number,
  c: number,
): number {
  const [left, top, right, bottom] = box;
  const along = (from: number, to: number, count: number, i: number): [number, number][] => {
    const ratio = (to - from) / count;
    const centre = from + (i + 0.5) * ratio;
    const weights = Array.from({ length: to - from }, (_, k): [number, number] => [
      from + k,
      Math.max(0, 1 - Math.abs(from + k + 0.5 - centre) / Math.max(ratio, 1)),
    ]);
    const sum = weights.reduce((total, [, weight]) => total + weight, 0);
    return weights.map(([place, weight]) => [place, weight / sum]);
  };
  let value = 0;
  for (const [row, down] of along(top, bottom, size[0], y)) {
    for (const [column, across] of along(left, right, size[1], x)) {
      value += down * across * pixels[(row * width + column) * 3 + c];
    }
  }
  return value;
}

describe('resizeAntialias of a part', () => {
  it.each([
    ['down', [2, 1, 14, 10], [4, 5]],
    ['up', [3, 2, 6, 7], [9, 8]],
    ['one axis each way', [0, 0, 15, 3], [6, 6]],
    ['to itself', [0, 0, 15, 11], [11, 15]],
  ])('resizes %s by the definition, antialiased', (_, box, size) => {
    const picture = drawPicture(11, 15);
    const [left, top, right, bottom] = box;
    const [height, width] = size;
    const { pixels } = resizeAntialias(picture, {
      ...{ height, width, filter: 'bilinear' },
      box: { left, top, right, bottom },
    });
    const expected = Array.from({ length: height * width * 3 }, (_, at) =>
      resizedPixel(picture, box, size, Math.floor(at / 3 / width), Math.floor(at / 3) % width, at % 3),
    );
    expectClose(pixels, expected, { relative: 1e-5, absolute: 1e-3 });
  });

  it('takes boxes of real borders, and keeps an even colour', () => {
    const even = { height: 9, width: 7, pixels: new Float32Array(9 * 7 * 3).fill(80) };
    const box = { left: 0.3, top: 1.7, right: 6.9, bottom: 8.2 };
    const { pixels } = resizeAntialias(even, { height: 5, width: 5, filter: 'bilinear', box });
    expectClose(pixels, new Float32Array(75).fill(80), { relative: 1e-5 });
  });
});

describe('transforms for contrastive views', () => {
  const picture = drawPicture(8, 6, 2);
  const transforms = {
    randomResizedCrop: randomResizedCrop({ size: 8 }),
    colorJitter: colorJitter({ brightness: 0.4, contrast: 0.4, saturation: 0.4, hue: 0.1 }),
    randomGrayscale: randomGrayscale(0.5),
    gaussianBlur: gaussianBlur(),
  };

  it.each(Object.entries(transforms))(
    '%s keeps the levels in 0 … 255 and repeats itself for a seed',
    (_, transform) => {
      for (let seed = 0; seed < 20; seed++) {
        const { pixels } = transform(picture, new RandomStream(seed));
        expect(pixels.every((level) => level >= -1e-3 && level <= 255.001)).toBe(true);
        expect(transform(picture, new RandomStream(seed)).pixels).toEqual(pixels);
      }
    },
  );

  it('does nothing to colours without a stream', () => {
    for (const transform of [transforms.colorJitter, transforms.randomGrayscale, transforms.gaussianBlur]) {
      expect(transform(picture)).toBe(picture);
    }
    expectClose(randomResizedCrop({ size: 8 })(drawPicture(8, 8)).pixels, drawPicture(8, 8).pixels, { absolute: 1e-3 });
  });

  it('jitters brightness by a factor, saturation towards grey, contrast towards the mean', () => {
    const ratios = Array.from({ length: 50 }, (_, seed) => {
      const pale = { height: 1, width: 1, pixels: Float32Array.of(100, 100, 100) };
      return colorJitter({ brightness: 0.4 })(pale, new RandomStream(seed)).pixels[0] / 100;
    });
    expect(Math.min(...ratios)).toBeGreaterThanOrEqual(0.6);
    expect(Math.max(...ratios)).toBeLessThanOrEqual(1.4);
    expect(Math.max(...ratios) - Math.min(...ratios)).toBeGreaterThan(0.5);
    const grey = { height: 2, width: 1, pixels: Float32Array.of(90, 90, 90, 90, 90, 90) };
    const coloured = colorJitter({ contrast: 0.9, saturation: 0.9, hue: 0.5 })(grey, new RandomStream(1));
    expectClose(coloured.pixels, grey.pixels, { relative: 1e-5 });
  });

  it('turns hue, and nothing else', () => {
    const red = { height: 1, width: 1, pixels: Float32Array.of(200, 50, 50) };
    const { pixels } = colorJitter({ hue: 0.5 })(red, new RandomStream(3));
    expect(Math.max(...pixels)).toBeCloseTo(200, 3);
    expect(Math.min(...pixels)).toBeCloseTo(50, 3);
    expect(pixels[0]).toBeLessThan(200);
  });

  it('makes grey by the luma of ITU-R 601', () => {
    const { pixels } = randomGrayscale(1)(
      { height: 1, width: 1, pixels: Float32Array.of(100, 200, 50) },
      new RandomStream(1),
    );
    expectClose(pixels, Array(3).fill(29.9 + 117.4 + 5.7), { relative: 1e-5 });
  });

  it('blurs a point into a Gaussian', () => {
    const pixels = new Float32Array(21 * 21 * 3);
    pixels.fill(1, (10 * 21 + 10) * 3, (10 * 21 + 11) * 3);
    const blurred = gaussianBlur({ sigma: [1.5, 1.5] })({ height: 21, width: 21, pixels }, new RandomStream(1)).pixels;
    const at = (y: number, x: number): number => blurred[(y * 21 + x) * 3];
    expect(at(10, 12) / at(10, 10)).toBeCloseTo(Math.exp(-4 / 4.5), 4);
    expect(at(13, 10) / at(10, 10)).toBeCloseTo(Math.exp(-9 / 4.5), 4);
    expectClose([Array.from(blurred).reduce((sum, value) => sum + value, 0)], [3], { relative: 1e-4 });
  });

  it('refuses ranges that make no sense', () => {
    expect(() => randomResizedCrop({ size: 8, scale: [0.5, 2] })).toThrow(
      /scale\[1\] should be a finite number in \(0, 1\], got 2/,
    );
    expect(() => colorJitter({ hue: 0.6 })).toThrow(/hue should be a finite number in \[0, 0.5\]/);
    expect(() => gaussianBlur({ sigma: [0, 1] })).toThrow(/sigma\[0\] should be a finite number > 0/);
    expect(() => randomGrayscale(2)).toThrow(/probability should be a finite number in \[0, 1\]/);
  });
});
