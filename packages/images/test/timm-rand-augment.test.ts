import { RandomStream } from '@ltml/tensor';
import { expectClose } from '@ltml/tensor/testing';
import { describe, expect, it } from 'vitest';
import type { BytePicture } from '../src/picture.ts';
import { timmRandAugment } from '../src/rand-augment/timm-rand-augment.ts';

const levels = [0, 30, 100, 127, 128, 200, 255, 64, 90];
const picture: BytePicture = {
  height: 3,
  width: 3,
  pixels: Uint8Array.from(levels.flatMap((level) => [level, level, level])),
};

/** The picture after one operation, by its place in timm's list, of strength 9, with a sign; its first channel. */
function after(operation: number, sign: 1 | -1 = 1): number[] {
  const draws = { integer: () => operation, normal: () => 0, uniform: () => (sign < 0 ? 0.1 : 0.6) };
  const random = Object.assign(new RandomStream(0), draws);
  const { pixels } = timmRandAugment({ count: 1, probability: 1 })(picture, random);
  return [...pixels].filter((_, at) => at % 3 === 0);
}

describe('timmRandAugment', () => {
  it('posterizes to a bit, solarizes from 26 on, and adds 99 to dark levels, at strength 9', () => {
    expect(after(4)).toEqual(levels.map((level) => (level >= 128 ? 128 : 0)));
    expect(after(5)).toEqual(levels.map((level) => (level >= 26 ? 255 - level : level)));
    expect(after(6)).toEqual(levels.map((level) => (level < 128 ? Math.min(level + 99, 255) : level)));
    expect(after(2)).toEqual(levels.map((level) => 255 - level));
  });

  it('changes brightness by factors of 1.81 and 0.19', () => {
    const scaled = (factor: number): number[] => levels.map((level) => Math.min(factor * level, 255));
    expectClose(after(9), scaled(1.81), { relative: 0, absolute: 1 });
    expectClose(after(9, -1), scaled(0.19), { relative: 0, absolute: 1 });
  });

  it('leaves grey as it is when saturation changes', () => {
    expect(after(7)).toEqual(levels);
  });

  it('moves by 40 % of the side, and shows ImageNet’s mean colour behind', () => {
    // 0.405 of 3 pixels is 1.215 to the right: the last column looks beyond the border.
    const moved = after(13);
    expect([moved[2], moved[5], moved[8]]).toEqual([124, 124, 124]);
    expect(after(13, -1)[0]).toBe(124);
  });

  it('does as many of the drawn operations as its probability says', () => {
    const transform = timmRandAugment({ count: 1 });
    const random = new RandomStream(3);
    const coloured = { ...picture, pixels: picture.pixels.map((level, at) => level ^ (at * 37)) };
    const changed = Array.from({ length: 600 }, () => transform(coloured, random).pixels).filter((pixels) =>
      pixels.some((value, at) => value !== coloured.pixels[at]),
    );
    expect(changed.length / 600).toBeGreaterThan(0.4);
    expect(changed.length / 600).toBeLessThan(0.56);
    expect(timmRandAugment()(coloured)).toBe(coloured);
  });

  it('keeps strengths in 0 … 10', () => {
    for (let seed = 0; seed < 200; seed++) {
      const { pixels } = timmRandAugment({ deviation: 20, probability: 1 })(picture, new RandomStream(seed));
      expect(pixels).toHaveLength(27);
    }
  });
});
