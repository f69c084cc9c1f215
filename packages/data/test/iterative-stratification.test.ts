import { DataError, OptionError, RandomStream } from '@ltml/tensor';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { iterativeStratification } from '../src/iterative-stratification.ts';

const halves = { ratios: [0.5, 0.5] };

const images = fc.array(fc.uniqueArray(fc.integer({ min: 0, max: 5 }), { maxLength: 4 }), { maxLength: 40 });
const shares = fc
  .array(fc.integer({ min: 1, max: 9 }), { minLength: 1, maxLength: 4 })
  .map((parts) => parts.map((part) => part / parts.reduce((sum, each) => sum + each, 0)));

describe.each([
  ['rarest', 1],
  ['insertion', 1],
  ['insertion', 2],
] as const)('%s, order %i', (selection, order) => {
  it('deals every image once, the same for the same choices, in folds near their share', () => {
    fc.assert(
      fc.property(images, shares, fc.nat(), (lists, ratios, seed) => {
        const deal = () =>
          iterativeStratification(lists, 6, { ratios, selection, order, random: new RandomStream(seed) });
        const folds = deal();
        expect(folds.length).toBe(lists.length);
        expect(folds.every((fold) => fold >= 0 && fold < ratios.length)).toBe(true);
        expect(deal()).toEqual(folds);
        // Whatever is said of the classes of an image, in whatever order and however often.
        const told = lists.map((list) => [...list, ...list].reverse());
        expect(iterativeStratification(told, 6, { ratios, selection, order, random: new RandomStream(seed) })).toEqual(
          folds,
        );
      }),
    );
  });

  it('takes nothing for what it is', () => {
    const options = { ...halves, selection, order };
    expect(iterativeStratification([], 3, options)).toEqual(new Int32Array(0));
    expect(Array.from(iterativeStratification([[], [], [], []], 0, options)).sort()).toEqual([0, 0, 1, 1]);
  });
});

it('with one label an image, deals each class to within an image of its share', () => {
  fc.assert(
    fc.property(fc.array(fc.nat(30), { minLength: 1, maxLength: 6 }), shares, (sizes, ratios) => {
      const lists = sizes.flatMap((size, c) => Array.from({ length: size }, () => [c]));
      const folds = iterativeStratification(lists, sizes.length, { ratios });
      for (const [c, size] of sizes.entries()) {
        for (const [fold, ratio] of ratios.entries()) {
          const dealt = lists.filter(([own], image) => own === c && folds[image] === fold).length;
          expect(Math.abs(dealt - ratio * size)).toBeLessThan(1);
        }
      }
    }),
  );
});

it('deals the rarest class first, where the rule of insertion goes by first appearance and from the last image', () => {
  const lists = [[0], [0, 1], [0], [0, 1]];
  const deal = (selection: 'rarest' | 'insertion') =>
    Array.from(iterativeStratification(lists, 2, { ...halves, selection }));
  // The images of class 1 are 1 and 3: to the first fold, then to the second; then 0 and 2 likewise.
  expect(deal('rarest')).toEqual([0, 0, 1, 1]);
  // Class 0 comes first, and with it all images, the last first: 3 and 1 to the first fold, 2 and 0 to the second.
  expect(deal('insertion')).toEqual([1, 0, 1, 0]);
});

it('refuses ratios that are none, and classes that are not there', () => {
  for (const ratios of [[], [0.5], [0, 1], [0.5, 0.6], [Number.NaN, 1]]) {
    expect(() => iterativeStratification([[0]], 1, { ratios })).toThrow(OptionError);
  }
  expect(() => iterativeStratification([[0]], 1, { ...halves, selection: 'first' as 'rarest' })).toThrow(OptionError);
  expect(() => iterativeStratification([[0]], 1, { ...halves, order: 0 })).toThrow(OptionError);
  expect(() => iterativeStratification([[0], [1]], 1, halves)).toThrow(DataError);
});

it('deals 100,000 images of 2,000 classes in seconds', () => {
  const random = new RandomStream(3);
  const lists = Array.from({ length: 100_000 }, () => Array.from({ length: 3 }, () => random.integer(2000)));
  const start = performance.now();
  const folds = iterativeStratification(lists, 2000, { ratios: [0.8, 0.1, 0.1] });
  expect(performance.now() - start).toBeLessThan(10_000);
  expect(folds.filter((fold) => fold === 0).length).toBeGreaterThan(79_000);
});
