import { OptionError, RandomStream } from '@ltml/tensor';
import { describe, expect, it } from 'vitest';
import type { BytePicture } from '../src/picture.ts';
import { randAugmentOperations as operations, randAugment } from '../src/rand-augment/rand-augment.ts';

/** Whole values drawn from a seed. */
function noise(height: number, width: number, seed = 1): BytePicture {
  const random = new RandomStream(seed);
  return { height, width, pixels: Uint8Array.from({ length: height * width * 3 }, () => random.integer(256)) };
}

const still = new RandomStream(0);
/** Not square, which the stored pictures all are. */
const picture = noise(6, 11);

describe('the operations of RandAugment', () => {
  it.each([
    ...(['ShearX', 'ShearY', 'TranslateX', 'TranslateY', 'Rotate'] as const).map((name) => [name, 0] as const),
    ...(['Color', 'Contrast', 'Brightness', 'Sharpness'] as const).map((name) => [name, 0] as const),
    ['Posterize', 8],
    ['Solarize', 256],
    ['Cutout', 1],
  ] as const)('%s of strength %d changes nothing', (name, strength) => {
    expect(operations[name].apply(picture, strength, still)).toEqual(picture);
  });

  it('inverts twice to the same', () => {
    const { apply } = operations.Invert;
    expect(apply(apply(picture, 0, still), 0, still)).toEqual(picture);
    expect(operations.Solarize.apply(picture, 0, still)).toEqual(apply(picture, 0, still));
  });

  it('moves by a share of the side it moves along, and shows grey behind', () => {
    const right = operations.TranslateX.apply(picture, 2 / 11, still);
    const down = operations.TranslateY.apply(picture, -3 / 6, still);
    for (let y = 0; y < 6; y++) {
      for (let x = 0; x < 11; x++) {
        expect(pixel(right, y, x)).toEqual(x < 9 ? pixel(picture, y, x + 2) : [128, 128, 128]);
        expect(pixel(down, y, x)).toEqual(y >= 3 ? pixel(picture, y - 3, x) : [128, 128, 128]);
      }
    }
  });

  it('shears each row as far as it lies below the upper border', () => {
    // Rows of equal values: between equal values there is nothing to interpolate.
    const rows = { ...picture, pixels: picture.pixels.map((_, at) => 10 * Math.floor(at / 33)) };
    const sheared = operations.ShearX.apply(rows, 0.3, still);
    for (let y = 0; y < 6; y++) {
      for (let x = 0; x < 11; x++) {
        const inside = x + 0.5 + 0.3 * (y + 0.5) < 11;
        expect(pixel(sheared, y, x)).toEqual(inside ? [10 * y, 10 * y, 10 * y] : [128, 128, 128]);
      }
    }
  });

  it('turns counter-clockwise about the centre', () => {
    const square = noise(5, 5);
    const turned = operations.Rotate.apply(square, 90, still);
    for (let y = 0; y < 5; y++)
      for (let x = 0; x < 5; x++) expect(pixel(turned, y, x)).toEqual(pixel(square, x, 4 - y));
  });

  it('leaves flat channels alone, and stretches others to both ends', () => {
    const flat = { ...picture, pixels: picture.pixels.map((_, at) => [7, 80, 200][at % 3]) };
    for (const name of ['AutoContrast', 'Equalize'] as const) {
      expect(operations[name].apply(flat, 0, still)).toEqual(flat);
    }
    const dim = { ...picture, pixels: picture.pixels.map((value) => 100 + Math.floor(value / 8)) };
    const stretched = operations.AutoContrast.apply(dim, 0, still).pixels;
    expect([Math.min(...stretched), Math.max(...stretched)]).toEqual([0, 255]);
  });

  it('gives grey for the least colour, and black for the least brightness', () => {
    const grey = operations.Color.apply(picture, -1, still);
    for (let i = 0; i < 66; i++) expect(new Set(grey.pixels.subarray(3 * i, 3 * i + 3)).size).toBe(1);
    expect(new Set(operations.Brightness.apply(picture, -1, still).pixels)).toEqual(new Set([0]));
    expect(new Set(operations.Contrast.apply(picture, -1, still).pixels).size).toBe(1);
  });

  it.each(Object.entries(operations))('%s gives whole values in 0 … 255', (_, { apply, range, signed }) => {
    for (const sign of signed ? [1, -1] : [1]) {
      const { pixels } = apply(picture, sign * range[1], new RandomStream(2));
      expect(pixels.every((value) => Number.isInteger(value) && value >= 0 && value <= 255)).toBe(true);
    }
  });
});

describe('randAugment', () => {
  it('does each of two operations in half of the cases', () => {
    const transform = randAugment();
    const random = new RandomStream(5);
    const changed = Array.from({ length: 2000 }, () => transform(picture, random).pixels).filter((pixels) =>
      pixels.some((value, at) => value !== picture.pixels[at]),
    );
    // Some operations change nothing: about a quarter of the pictures draws none, and a few more are left as they are.
    expect(changed.length / 2000).toBeGreaterThan(0.6);
    expect(changed.length / 2000).toBeLessThan(0.76);
  });

  it('rounds values on the way in, and does nothing of no operations', () => {
    const half = { ...picture, pixels: Float32Array.from(picture.pixels, (value) => value + 0.2) };
    expect(randAugment({ count: 0 })(half, new RandomStream(1))).toEqual(picture);
  });

  it('refuses counts and probabilities that are none', () => {
    expect(() => randAugment({ count: 1.5 })).toThrow(expect.toSatisfy(OptionError.is));
    expect(() => randAugment({ probability: 2 })).toThrow(expect.toSatisfy(OptionError.is));
  });
});

function pixel({ width, pixels }: BytePicture, y: number, x: number): number[] {
  const at = (y * width + x) * 3;
  return Array.from(pixels.subarray(at, at + 3));
}
