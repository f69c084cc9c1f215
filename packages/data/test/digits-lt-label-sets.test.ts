import { RandomStream } from '@ltml/tensor';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { balancedLabelSets, longTailedLabelSets } from '../src/digits-lt/label-sets.ts';

const countsOf = (sets: readonly (readonly number[])[], classes: number): number[] =>
  Array.from({ length: classes }, (_, c) => sets.filter((set) => set.includes(c)).length);

test('balanced sets have 1 to 3 different classes, and all classes equally often but for one', () => {
  fc.assert(
    fc.property(
      fc.integer(),
      fc.integer({ min: 1, max: 200 }),
      fc.integer({ min: 3, max: 30 }),
      (seed, scenes, classes) => {
        const sets = balancedLabelSets(scenes, classes, new RandomStream(seed));
        expect(sets).toHaveLength(scenes);
        for (const set of sets) {
          expect([1, 2, 3]).toContain(set.length);
          expect(new Set(set).size).toBe(set.length);
        }
        const counts = countsOf(sets, classes);
        expect(Math.max(...counts) - Math.min(...counts)).toBeLessThanOrEqual(1);
      },
    ),
  );
});

test('long-tailed sets have exactly the counts asked for, and 1 to 4 different classes each', () => {
  const counts = [60, 30, 10, 4, 1];
  for (let seed = 0; seed < 20; seed++) {
    const sets = longTailedLabelSets(80, counts, [0, 0, 1, 2, 3], new RandomStream(seed));
    expect(countsOf(sets, 5)).toEqual(counts);
    for (const set of sets) {
      expect(set.length).toBeGreaterThanOrEqual(1);
      expect(set.length).toBeLessThanOrEqual(4);
      expect([...new Set(set)].sort()).toEqual(set);
    }
  }
});

test('classes of one context meet more often than those of different contexts', () => {
  let same = 0;
  let different = 0;
  for (let seed = 0; seed < 20; seed++) {
    const sets = longTailedLabelSets(400, [390, 80, 80, 80], [0, 1, 1, 2], new RandomStream(seed));
    same += sets.filter((set) => set.includes(1) && set.includes(2)).length;
    different += sets.filter((set) => set.includes(1) && set.includes(3)).length;
  }
  expect(same).toBeGreaterThan(2 * different);
});

test('the most frequent class accompanies the rare ones', () => {
  const sets = longTailedLabelSets(400, [300, 150, 9], [0, 1, 2], new RandomStream(1));
  expect(sets.filter((set) => set.includes(2) && set.includes(0))).toHaveLength(9);
});
