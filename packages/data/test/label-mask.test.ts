import { OptionError, RandomStream } from '@ltml/tensor';
import { type Labels, type SparseLabels, sparseOf } from '@ltml/tensor/labels';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { labelsFromLists } from '../src/label-codes.ts';
import { dropLabels, keepSinglePositive } from '../src/label-mask.ts';
import { denseLabels } from '../src/sparse-labels.ts';

const labels: Labels = { rows: 4, columns: 5, present: new Uint8Array(20).fill(1) };

const dropped = (...args: Parameters<typeof dropLabels>): Labels => denseLabels(dropLabels(...args));
/** [N, C] ones where a label is known. */
const knownOf = (masked: SparseLabels): Uint8Array => {
  const { known, rows, columns } = denseLabels(masked);
  return known ?? new Uint8Array(rows * columns).fill(1);
};

test('keeps the entries where NumPy’s seed 0 draws below the proportion', () => {
  // numpy.random.RandomState(0).random_sample((4, 5)) < 0.5
  expect(Array.from(knownOf(dropLabels(labels, 0.5)))).toEqual([
    0, 0, 0, 0, 1, 0, 1, 0, 0, 1, 0, 0, 0, 0, 1, 1, 1, 0, 0, 0,
  ]);
  expect(Array.from(knownOf(dropLabels(labels, 0.6)))).toEqual([
    1, 0, 0, 1, 1, 0, 1, 0, 0, 1, 0, 1, 1, 0, 1, 1, 1, 0, 0, 0,
  ]);
  expect(dropped(labels, 0.5, { seed: 1 })).not.toEqual(dropped(labels, 0.5));
});

test('what is known of less is known of more; 1 keeps everything and 0 nothing', () => {
  fc.assert(
    fc.property(fc.double({ min: 0, max: 1, noNaN: true }), fc.double({ min: 0, max: 1, noNaN: true }), (a, b) => {
      const less = knownOf(dropLabels(labels, Math.min(a, b)));
      const more = knownOf(dropLabels(labels, Math.max(a, b)));
      expect(less.every((value, at) => value <= more[at])).toBe(true);
    }),
  );
  expect(dropLabels(labels, 1).row(3)).toEqual({ present: Int32Array.of(0, 1, 2, 3, 4), absent: 'rest' });
  expect(knownOf(dropLabels(labels, 0)).every((value) => value === 0)).toBe(true);
});

test('keeps the labels themselves, and unknown stays unknown without moving other draws', () => {
  const present = Uint8Array.from({ length: 20 }, (_, at) => Number(at % 3 === 0));
  const known = new Uint8Array(20).fill(1).with(4, 0);
  const masked = dropped({ ...labels, present, known }, 0.5);
  const kept = knownOf(dropLabels(labels, 0.5)).with(4, 0);
  expect(masked.known).toEqual(kept);
  expect(masked.present).toEqual(present.map((value, at) => value & kept[at]));
  const sparse = sparseOf({ ...labels, present });
  expect(dropped(sparse, 0.5)).toEqual(dropped({ ...labels, present }, 0.5));
});

test('memory grows with what is kept, not with images times classes', () => {
  const rows = 2000;
  const wide = { rows, columns: 8142, row: (i: number) => ({ present: Int32Array.of(i), absent: 'rest' as const }) };
  const single = keepSinglePositive(wide, new RandomStream(1));
  expect(single.row(1999)).toEqual({ present: Int32Array.of(1999), absent: Int32Array.of() });
  expect([single.rows, single.columns]).toEqual([rows, 8142]);
});

test('a single positive is one present class of each image, each as likely', () => {
  const lists = Array.from({ length: 3000 }, () => [1, 3, 4]);
  const known = knownOf(keepSinglePositive(labelsFromLists([...lists, []], 5), new RandomStream(3)));
  const counts = new Array(5).fill(0);
  known.forEach((value, at) => {
    counts[at % 5] += value;
  });
  for (let row = 0; row < 3000; row++) {
    expect(known.subarray(row * 5, row * 5 + 5).reduce((sum, value) => sum + value, 0)).toBe(1);
  }
  expect(known.subarray(15000).includes(1)).toBe(false);
  expect([counts[0], counts[2]]).toEqual([0, 0]);
  for (const c of [1, 3, 4]) expect(Math.abs(counts[c] - 1000)).toBeLessThan(5 * Math.sqrt(3000 * (2 / 9)));
});

test('refuses a proportion outside 0 … 1', () => {
  expect(() => dropLabels(labels, 10)).toThrow(OptionError);
  expect(() => dropLabels(labels, Number.NaN)).toThrow(OptionError);
});
