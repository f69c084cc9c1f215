import { OptionError, RandomStream } from '@ltml/tensor';
import { describe, expect, it } from 'vitest';
import { cutBox, cutmix } from '../../src/mix/cutmix.ts';
import { plainImages, streamOf } from './images.ts';

const batch = plainImages({ rows: 12, height: 9, share: 0.8 });
const size = 9 * 11 * 3;

describe('cutmix', () => {
  it('pastes one box of a partner, and mixes labels by the pixels that were pasted', () => {
    const { values, labels, known } = cutmix()(batch, streamOf);
    let mixed = 0;
    for (let row = 0; row < 12; row++) {
      const image = values.subarray(row * size, (row + 1) * size);
      const foreign = Array.from({ length: 99 }, (_, i) => i).filter((i) => image[3 * i] !== row);
      const levels = new Set(foreign.map((i) => image[3 * i]));
      expect(levels.size).toBeLessThanOrEqual(1);
      const rows = new Set(foreign.map((i) => Math.floor(i / 11)));
      const columns = new Set(foreign.map((i) => i % 11));
      expect(rows.size * columns.size).toBe(foreign.length);
      const share = 1 - foreign.length / 99;
      const partner = [...levels][0] ?? row;
      mixed += Number(foreign.length > 0);
      for (let c = 0; c < 4; c++) {
        const [own, other] = [row * 4 + c, partner * 4 + c];
        const isKnown = batch.known[own] === 1 && batch.known[other] === 1;
        expect(known[own]).toBe(Number(isKnown));
        const label = share * batch.labels[own] + (1 - share) * batch.labels[other];
        expect(labels[own]).toBeCloseTo(isKnown ? label : 0, 6);
      }
    }
    expect(mixed).toBeGreaterThan(6);
  });

  it('cuts boxes of √(1 − λ) of the sides, and off what lies outside', () => {
    const picture = { height: 20, width: 10 };
    for (let seed = 0; seed < 100; seed++) {
      const { top, bottom, left, right } = cutBox(picture, 0.75, new RandomStream(seed));
      expect(top).toBeGreaterThanOrEqual(0);
      expect(bottom).toBeLessThanOrEqual(20);
      // Sides 10 and 5 are twice 5 and twice 2; at the border half of it may be cut off.
      expect(bottom - top).toBeLessThanOrEqual(10);
      expect(bottom - top).toBeGreaterThanOrEqual(5);
      expect(right - left).toBeLessThanOrEqual(4);
      expect(right - left).toBeGreaterThanOrEqual(2);
    }
    const nothing = cutBox(picture, 1, new RandomStream(1));
    expect((nothing.bottom - nothing.top) * (nothing.right - nothing.left)).toBe(0);
  });

  it('keeps labels that are known where a partner covers nothing', () => {
    // So near to 1 that no box has a whole pixel.
    const { values, labels, known } = cutmix({ alpha: 0.001 })(plainImages({ rows: 1, height: 4 }), streamOf);
    const plain = plainImages({ rows: 1, height: 4 });
    expect({ values, labels, known }).toEqual({ values: plain.values, labels: plain.labels, known: plain.known });
  });

  it('leaves the batch as it was, and images out by its probability', () => {
    const before = batch.values.slice();
    expect(cutmix({ probability: 0 })(batch, streamOf)).toEqual(batch);
    cutmix()(batch, streamOf);
    expect(batch.values).toEqual(before);
  });

  it('refuses shares that are none', () => {
    for (const options of [{ alpha: 0 }, { probability: -1 }, { beta: 1 }]) {
      expect(() => cutmix(options as never)).toThrow(expect.toSatisfy(OptionError.is));
    }
  });
});
