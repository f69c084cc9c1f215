import { OptionError, RandomStream } from '@ltml/tensor';
import { expect, it } from 'vitest';
import { cutout } from '../src/cutout.ts';

const picture = { height: 9, width: 6, pixels: new Float32Array(9 * 6 * 3).fill(300) };

it('covers an odd number of pixels along each side, as far as they lie in the picture', () => {
  for (let seed = 0; seed < 50; seed++) {
    const { pixels } = cutout()(picture, new RandomStream(seed));
    const rows = new Set<number>();
    const columns = new Set<number>();
    const colours = new Set<string>();
    for (let i = 0; i < 54; i++) {
      const colour = pixels.subarray(3 * i, 3 * i + 3);
      if (colour[0] === 300) continue;
      rows.add(Math.floor(i / 6));
      columns.add(i % 6);
      colours.add(colour.join());
    }
    // ⌊(9 / 2 + ½)⌋ = 5 and ⌊(6 / 2 + ½)⌋ = 3, so 2 and 1 to either side of the centre.
    expect([3, 4, 5]).toContain(rows.size);
    expect([2, 3]).toContain(columns.size);
    expect(colours.size).toBe(1);
  }
});

it('hides one pixel of a share of 0, and refuses a share above 1', () => {
  const { pixels } = cutout({ share: 0 })(picture, new RandomStream(1));
  expect(pixels.filter((value) => value !== 300)).toHaveLength(3);
  expect(() => cutout({ share: 1.1 })).toThrow(expect.toSatisfy(OptionError.is));
});
