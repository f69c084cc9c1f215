import { RandomStream } from '@ltml/tensor';
import { describe, expect, it } from 'vitest';
import { areaBox, centralBox, sideBox, sideBoxOfDraws, sizeOfDraw } from '../src/index.ts';

const size = { height: 60, width: 80 };

describe('areaBox', () => {
  it('lies in the picture, with share of the area and ratio in their ranges but for rounding', () => {
    const random = new RandomStream(1);
    for (let i = 0; i < 500; i++) {
      const { left, top, right, bottom } = areaBox(size, { scale: [0.1, 0.5] }, random);
      expect([left, top, right, bottom].every(Number.isInteger)).toBe(true);
      expect(left >= 0 && top >= 0 && right <= 80 && bottom <= 60).toBe(true);
      const [width, height] = [right - left, bottom - top];
      expect((width * height) / 4800).toBeGreaterThan(0.1 * 0.95);
      expect((width * height) / 4800).toBeLessThan(0.5 * 1.05);
      expect(width / height).toBeGreaterThan(0.75 * 0.93);
      expect(width / height).toBeLessThan((4 / 3) * 1.07);
    }
  });

  it('reaches every border, and every place between', () => {
    const random = new RandomStream(2);
    const boxes = Array.from({ length: 2000 }, () => areaBox({ height: 6, width: 6 }, { scale: [0.1, 0.2] }, random));
    expect(new Set(boxes.map(({ left }) => left))).toEqual(new Set([0, 1, 2, 3, 4]));
    expect(Math.max(...boxes.map(({ bottom }) => bottom))).toBe(6);
  });

  it('takes the middle where no size fits', () => {
    expect(areaBox({ height: 10, width: 100 }, { scale: [1, 1] }, new RandomStream(3))).toEqual(
      centralBox({ height: 10, width: 100 }),
    );
    // 10 · 4/3 = 13.3 columns, ⌊(100 − 13) / 2⌋ from the left.
    expect(centralBox({ height: 10, width: 100 })).toEqual({ left: 43, top: 0, right: 56, bottom: 10 });
    expect(centralBox({ height: 100, width: 10 })).toEqual({ left: 0, top: 43, right: 10, bottom: 56 });
    expect(centralBox(size)).toEqual({ left: 0, top: 0, right: 80, bottom: 60 });
  });

  it('rounds halves to the even number, as Python does', () => {
    // √(25 · 0.25) = 2.5 and √(49 · 0.25) = 3.5.
    expect(sizeOfDraw({ height: 5, width: 5 }, 0.25, 0)).toEqual({ height: 2, width: 2 });
    expect(sizeOfDraw({ height: 7, width: 7 }, 0.25, 0)).toEqual({ height: 4, width: 4 });
    expect(sizeOfDraw({ height: 5, width: 5 }, 0.9, 1)).toBeUndefined();
  });
});

describe('sideBox', () => {
  it('draws sides, not areas, and stays in the picture', () => {
    expect(sideBoxOfDraws(size, { scale: [0.2, 0.6], ratio: [0.5, 1] }, [0.5, 1, 0, 1])).toEqual({
      left: 48,
      top: 0,
      right: 80,
      bottom: 24,
    });
    const random = new RandomStream(4);
    for (let i = 0; i < 200; i++) {
      const { left, top, right, bottom } = sideBox(size, { scale: [0.5, 1] }, random);
      expect(left >= 0 && top >= 0 && right <= 80 + 1e-9 && bottom <= 60 + 1e-9).toBe(true);
    }
  });
});
