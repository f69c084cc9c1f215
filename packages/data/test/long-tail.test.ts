import { DataError, OptionError, RandomStream } from '@ltml/tensor';
import { classStatistics, sparseOf } from '@ltml/tensor/labels';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { labelsFromLists } from '../src/label-codes.ts';
import { createLongTailed, paretoReference } from '../src/long-tail.ts';

const inOrder = { shuffle: () => {} };

test('the reference of VOC-MLT falls from 800 to 4', () => {
  expect(Array.from(paretoReference(20, { max: 800 }))).toEqual([
    800, 529, 359, 248, 175, 125, 91, 67, 50, 38, 29, 23, 18, 14, 11, 9, 7, 6, 5, 4,
  ]);
  const coco = paretoReference(80, { max: 1200 });
  expect([coco[0], coco[79]]).toEqual([1200, 6]);
});

test('the reference of one class is its maximum, and equal bounds are a flat line', () => {
  expect(Array.from(paretoReference(1, { max: 7 }))).toEqual([7]);
  expect(Array.from(paretoReference(3, { max: 5, min: 5 }))).toEqual([5, 5, 5]);
  expect(() => paretoReference(3, { max: 5, covered: 1 })).toThrow(OptionError);
});

test('fills classes from the one with most company on, and removes what earlier classes brought too much', () => {
  // Company: class 0 has 5/5 + 3/3 + 0/1 = 2, class 1 has 3/5 + 3/3 = 1.6, class 2 only itself.
  const pool = labelsFromLists([[0, 1], [0, 1], [0, 1], [0], [0], [2]], 3);
  // Class 0 takes the images 0 to 3, class 1 then has three and loses image 0 and 1, class 2 takes its image.
  expect(Array.from(createLongTailed(pool, { reference: [4, 1, 1], random: inOrder }))).toEqual([2, 3, 5]);
});

test('an image that was removed can come back for a later class', () => {
  // Company: class 0 has 3/3 + 2/2 + 1/2, class 1 has 2/3 + 2/2 + 1/2, class 2 has 1/3 + 1/2 + 2/2.
  const pool = labelsFromLists([[0, 1], [0, 1, 2], [0], [2]], 3);
  // Class 0 takes all three, class 1 loses both of its images, class 2 then has none left and takes 1 and 3.
  expect(Array.from(createLongTailed(pool, { reference: [3, 0, 2], random: inOrder }))).toEqual([1, 2, 3]);
});

test('a class that has its size takes no draw', () => {
  const pool = labelsFromLists([[0, 1], [0]], 2);
  const populations: number[][] = [];
  const recording = { shuffle: (items: Int32Array) => populations.push(Array.from(items)) };
  createLongTailed(pool, { reference: [2, 1], random: recording });
  expect(populations).toEqual([[0, 1]]);
});

test('clamps to what there is, or refuses', () => {
  const pool = labelsFromLists([[0], [0], [1]], 2);
  expect(Array.from(createLongTailed(pool, { reference: [2, 2], random: inOrder }))).toEqual([0, 1, 2]);
  const exact = { reference: [2, 2], random: inOrder, clampToAvailable: false };
  expect(() => createLongTailed(pool, exact)).toThrow(/class 1 its 2 images, got 1 to add/);
  expect(() => createLongTailed(pool, exact)).toThrow(DataError);
  expect(() => createLongTailed(pool, { reference: [2], random: inOrder })).toThrow(OptionError);
});

test('classes that never meet get exactly their wanted sizes', () => {
  fc.assert(
    fc.property(
      fc.integer(),
      fc.array(fc.integer({ min: 1, max: 20 }), { minLength: 1, maxLength: 5 }),
      (seed, sizes) => {
        const pool = labelsFromLists(
          sizes.flatMap((size, c) => Array.from({ length: size }, () => [c])),
          sizes.length,
        );
        const reference = sizes.map((size) => Math.ceil(size / 2));
        const images = createLongTailed(pool, { reference: paretoSorted(reference), random: new RandomStream(seed) });
        const present = Uint8Array.from(
          Array.from(images).flatMap((i) => Array.from(row(pool.present, i, sizes.length))),
        );
        const { classCounts } = classStatistics({ rows: images.length, columns: sizes.length, present });
        // Without company the classes keep their index order.
        expect(classCounts).toEqual(paretoSorted(reference).map((wanted, c) => Math.min(wanted, sizes[c])));
        expect(Array.from(images)).toEqual([...new Set(images)].sort((a, b) => a - b));
      },
    ),
  );
});

function paretoSorted(values: readonly number[]): number[] {
  return [...values].sort((a, b) => b - a);
}

function row(values: Uint8Array, index: number, columns: number): Uint8Array {
  return values.subarray(index * columns, (index + 1) * columns);
}

test('sparse labels give the subset of dense ones, also where no matrix of classes would fit', () => {
  fc.assert(
    fc.property(fc.array(fc.uniqueArray(fc.nat(3), { maxLength: 3 }), { maxLength: 12 }), (lists) => {
      const dense = labelsFromLists(lists, 4);
      const subset = (pool: Parameters<typeof createLongTailed>[0]) =>
        createLongTailed(pool, { reference: [3, 2, 1, 1], random: inOrder });
      expect(subset(sparseOf(dense))).toEqual(subset(dense));
    }),
  );
  const columns = 20_000;
  const row = (i: number) => ({ present: Int32Array.of(i % columns), absent: 'rest' as const });
  const reference = new Int32Array(columns).fill(1);
  expect(createLongTailed({ rows: 2 * columns, columns, row }, { reference, random: inOrder })).toHaveLength(columns);
});
