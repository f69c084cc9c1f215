import { DataError, OptionError, RandomStream } from '@ltml/tensor';
import { classStatistics, type Labels } from '@ltml/tensor/labels';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { digitsLt } from '../src/digits-lt/digits-lt.ts';
import { indexByClass } from '../src/index-by-class.ts';
import { labelsFromLists } from '../src/label-codes.ts';
import { stratifiedSplit } from '../src/stratified-split.ts';
import { subsetOfLabels } from '../src/subset.ts';

const split = (labels: Labels, share: number, seed = 0) =>
  stratifiedSplit(labels, { share, random: new RandomStream(seed) });
const counts = (labels: Labels, images: ArrayLike<number>) =>
  classStatistics(subsetOfLabels(labels, images)).classCounts;

const shares = fc.double({ min: 0, max: 0.99, noNaN: true });
const multiLabel = fc.integer({ min: 1, max: 6 }).chain((columns) =>
  fc.array(fc.array(fc.integer({ min: 0, max: columns - 1 }), { maxLength: 4 }), { maxLength: 60 }).map((lists) =>
    labelsFromLists(
      lists.map((list) => [...new Set(list)]),
      columns,
    ),
  ),
);

test('the two sides are all images, each once, ascending, and the same for the same seed', () => {
  fc.assert(
    fc.property(multiLabel, shares, fc.integer(), (labels, share, seed) => {
      const { train, heldOut } = split(labels, share, seed);
      expect([...train, ...heldOut].sort((a, b) => a - b)).toEqual(Array.from({ length: labels.rows }, (_, i) => i));
      for (const side of [train, heldOut]) expect(side).toEqual(side.toSorted());
      expect(split(labels, share, seed)).toEqual({ train, heldOut });
    }),
  );
});

test('with one label an image, a class has its share held out, up to half an image; the only one stays', () => {
  fc.assert(
    fc.property(
      fc.array(fc.integer({ min: 0, max: 40 }), { minLength: 1, maxLength: 8 }),
      shares,
      fc.integer(),
      (sizes, share, seed) => {
        const lists = sizes.flatMap((size, c) => Array.from({ length: size }, () => [c]));
        const labels = labelsFromLists(lists, sizes.length);
        const held = counts(labels, split(labels, share, seed).heldOut);
        for (const [c, size] of sizes.entries()) {
          if (size === 1) expect(held[c]).toBe(0);
          else expect(Math.abs(held[c] - size * share)).toBeLessThanOrEqual(0.5 + 1e-9);
        }
      },
    ),
  );
});

test('images without labels are held out by the share, and bring the whole to it', () => {
  const labels = labelsFromLists(
    Array.from({ length: 100 }, (_, i) => (i < 20 ? [Math.floor(i / 4)] : [])),
    6,
  );
  // A class of four has 0.4 wanted and none held out; the images without labels make up for it.
  const { heldOut } = split(labels, 0.1);
  expect(heldOut.length).toBe(10);
  expect(counts(labels, heldOut)).toEqual([0, 0, 0, 0, 0, 0]);
});

test('an image that is the only one of a class stays in train, whatever else it shows and whatever the share', () => {
  const labels = labelsFromLists([[0, 1], [0], [0], [2, 1], [0], [1], [1], [3]], 5);
  for (let seed = 0; seed < 50; seed++) {
    const { train } = split(labels, 0.9, seed);
    expect(Array.from(train)).toEqual(expect.arrayContaining([3, 7]));
  }
});

test('unknown labels count as neither: they change nothing', () => {
  const lists = Array.from({ length: 60 }, (_, i) => [i % 3]);
  const { rows, columns, present } = labelsFromLists(lists, 3);
  const known = Uint8Array.from(present);
  const without = split({ rows, columns, present, known }, 0.2);
  // The entries that are not known are set: as labels they would be images that have every class.
  expect(split({ rows, columns, present: present.map(() => 1), known }, 0.2)).toEqual(without);
  expect(counts({ rows, columns, present }, without.heldOut)).toEqual([4, 4, 4]);
});

test('holds a tenth and a fifth of digits-lt out, every class up to two images or a tenth of its share', async () => {
  const { train } = await digitsLt();
  const all = classStatistics(train.labels).classCounts;
  for (const share of [0.1, 0.2]) {
    for (let seed = 0; seed < 20; seed++) {
      const { heldOut } = split(train.labels, share, seed);
      const held = counts(train.labels, heldOut);
      expect(Math.abs(heldOut.length - share * train.labels.rows)).toBeLessThanOrEqual(0.02 * train.labels.rows);
      for (const [c, count] of all.entries()) {
        expect(Math.abs(held[c] - share * count)).toBeLessThanOrEqual(Math.max(2, 0.1 * share * count));
      }
    }
  }
});

test('which images of a class are held out is random', () => {
  const labels = labelsFromLists(
    Array.from({ length: 10 }, () => [0]),
    1,
  );
  const times = new Array<number>(10).fill(0);
  for (let seed = 0; seed < 2000; seed++) for (const image of split(labels, 0.3, seed).heldOut) times[image]++;
  for (const count of times) expect(count).toBeGreaterThan(500);
});

test('nothing held out of nothing, and with a share of nothing', () => {
  expect(split({ rows: 0, columns: 3, present: new Uint8Array(0) }, 0.5)).toEqual({
    train: new Int32Array(0),
    heldOut: new Int32Array(0),
  });
  expect(split(labelsFromLists([[0], [0], []], 1), 0).heldOut.length).toBe(0);
});

test('100,000 images of 100 classes take seconds', () => {
  const random = new RandomStream(3);
  const rows = 100_000;
  const present = new Uint8Array(rows * 100);
  for (let i = 0; i < 500_000; i++) present[random.integer(present.length)] = 1;
  const labels = { rows, columns: 100, present };
  const start = performance.now();
  const { heldOut } = split(labels, 0.1);
  expect(performance.now() - start).toBeLessThan(10_000);
  const all = indexByClass(labels).map(({ length }) => length);
  for (const [c, held] of counts(labels, heldOut).entries()) expect(Math.abs(held - 0.1 * all[c])).toBeLessThan(50);
});

test('refuses shares that are none, and labels other than 0 and 1', () => {
  const labels = labelsFromLists([[0]], 1);
  for (const share of [1, -0.1, Number.NaN, 2]) expect(() => split(labels, share)).toThrow(OptionError);
  expect(() => split({ ...labels, present: Uint8Array.of(2) }, 0.5)).toThrow(DataError);
});
