import { readFileSync } from 'node:fs';
import { OptionError, RandomStream } from '@ltml/tensor';
import { describe, expect, it } from 'vitest';
import { erasedSize, randomErasing } from '../src/random-erasing.ts';

interface Stored {
  readonly picture: readonly [height: number, width: number];
  readonly share: number;
  readonly aspect: number;
  /** Height and width; null where torchvision draws anew. */
  readonly box: readonly [number, number] | null;
}

/** By torchvision 0.29.2. */
const stored: readonly Stored[] = JSON.parse(
  readFileSync(new URL('fixtures/torchvision/random-erasing.json', import.meta.url), 'utf8'),
);

const picture = { height: 20, width: 30, pixels: new Float32Array(20 * 30 * 3).fill(300) };

/** The erased pixels: their box, how many, and their colours. */
function erased(options: Parameters<typeof randomErasing>[0], seed: number) {
  const { pixels } = randomErasing({ probability: 1, ...options })(picture, new RandomStream(seed));
  const places = Array.from({ length: 600 }, (_, i) => i).filter((i) => pixels[3 * i] !== 300);
  const rows = places.map((i) => Math.floor(i / 30));
  const columns = places.map((i) => i % 30);
  const colours = places.map((i) => pixels.subarray(3 * i, 3 * i + 3).join());
  const [height, width] = [rows, columns].map((at) => Math.max(...at) - Math.min(...at) + 1);
  return { height, width, count: places.length, colours: new Set(colours), values: places.map((i) => pixels[3 * i]) };
}

describe('randomErasing', () => {
  it.each(stored)('sizes a box as torchvision does: $share of $picture at $aspect', ({ picture: of, share, ...at }) => {
    const size = erasedSize({ height: of[0], width: of[1] }, share, at.aspect);
    expect(size ? [size.height, size.width] : null).toEqual(at.box);
  });

  it('erases one whole box of a size within its ranges, anywhere', () => {
    for (let seed = 0; seed < 60; seed++) {
      const { height, width, count } = erased({ area: [0.1, 0.2], aspect: [0.5, 2] }, seed);
      expect(count).toBe(height * width);
      // Sides are rounded: by half a pixel each.
      expect(count).toBeGreaterThan(0.1 * 600 - (height + width) / 2 - 1);
      expect(count).toBeLessThan(0.2 * 600 + (height + width) / 2 + 1);
      expect((height + 0.5) / (width - 0.5)).toBeGreaterThan(0.5);
      expect((height - 0.5) / (width + 0.5)).toBeLessThan(2);
    }
  });

  it('fills with noise, with one colour, or with the colour of the options', () => {
    const noise = erased({ area: [0.3, 0.4] }, 3);
    expect(noise.colours.size).toBeGreaterThan(0.9 * noise.count);
    expect(noise.values.every((value) => Number.isInteger(value) && value >= 0 && value <= 255)).toBe(true);
    const some = [1, 2, 3].map((seed) => erased({ fill: 'colour' }, seed).colours);
    expect(some.map(({ size }) => size)).toEqual([1, 1, 1]);
    expect(new Set(some.map((colours) => [...colours][0])).size).toBe(3);
    expect(erased({ fill: [124, 116, 104] }, 4).colours).toEqual(new Set(['124,116,104']));
  });

  it('acts in half of the pictures, never without a stream, and repeats itself for a seed', () => {
    const acts = Array.from(
      { length: 400 },
      (_, seed) => randomErasing()(picture, new RandomStream(seed)) !== picture,
    ).filter(Boolean).length;
    expect(acts).toBeGreaterThan(160);
    expect(acts).toBeLessThan(240);
    expect(randomErasing()(picture)).toBe(picture);
    const again = [0, 1].map(() => randomErasing({ probability: 1 })(picture, new RandomStream(9)).pixels);
    expect(again[0]).toEqual(again[1]);
  });

  it('leaves the picture as it was, and one that no box fits in', () => {
    const before = picture.pixels.slice();
    erased({}, 1);
    expect(picture.pixels).toEqual(before);
    const dot = { height: 1, width: 1, pixels: Uint8Array.of(1, 2, 3) };
    expect(randomErasing({ probability: 1, area: [1, 1], aspect: [1, 1] })(dot, new RandomStream(1))).toBe(dot);
  });

  it.each([
    { probability: 1.1 },
    { probability: Number.NaN },
    { area: [0, 0.4] },
    { area: [0.4, 0.02] },
    { area: [0.1, 1.5] },
    { area: 0.3 },
    { aspect: [0, 1] },
    { aspect: [2, 1] },
    { fill: 'black' },
    { fill: [0, 0] },
    { fill: [0, 0, 256] },
    { fill: null },
    { value: 0 },
  ])('refuses %j', (options) => {
    expect(() => randomErasing(options as never)).toThrow(expect.toSatisfy(OptionError.is));
  });
});
