import { OptionError, RandomStream } from '@ltml/tensor';
import type { Labels } from '@ltml/tensor/labels';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { labelsFromLists } from '../src/label-codes.ts';
import { dropLabels, keepSinglePositive } from '../src/label-mask.ts';

const labels: Labels = { rows: 4, columns: 5, present: new Uint8Array(20).fill(1) };

test('keeps the entries where NumPy’s seed 0 draws below the proportion', () => {
  // numpy.random.RandomState(0).random_sample((4, 5)) < 0.5
  expect(Array.from(dropLabels(labels, 0.5).known as Uint8Array)).toEqual([
    0, 0, 0, 0, 1, 0, 1, 0, 0, 1, 0, 0, 0, 0, 1, 1, 1, 0, 0, 0,
  ]);
  expect(Array.from(dropLabels(labels, 0.6).known as Uint8Array)).toEqual([
    1, 0, 0, 1, 1, 0, 1, 0, 0, 1, 0, 1, 1, 0, 1, 1, 1, 0, 0, 0,
  ]);
  expect(dropLabels(labels, 0.5, { seed: 1 }).known).not.toEqual(dropLabels(labels, 0.5).known);
});

test('what is known of less is known of more; 1 keeps everything and 0 nothing', () => {
  fc.assert(
    fc.property(fc.double({ min: 0, max: 1, noNaN: true }), fc.double({ min: 0, max: 1, noNaN: true }), (a, b) => {
      const less = dropLabels(labels, Math.min(a, b)).known as Uint8Array;
      const more = dropLabels(labels, Math.max(a, b)).known as Uint8Array;
      expect(less.every((value, at) => value <= more[at])).toBe(true);
    }),
  );
  expect(dropLabels(labels, 1).known?.every((value) => value === 1)).toBe(true);
  expect(dropLabels(labels, 0).known?.every((value) => value === 0)).toBe(true);
});

test('keeps the labels themselves, and unknown stays unknown without moving other draws', () => {
  const known = new Uint8Array(20).fill(1).with(4, 0);
  const masked = dropLabels({ ...labels, known }, 0.5);
  expect(masked.present).toEqual(labels.present);
  expect(masked.known).toEqual(dropLabels(labels, 0.5).known?.with(4, 0));
});

test('a single positive is one present class of each image, each as likely', () => {
  const lists = Array.from({ length: 3000 }, () => [1, 3, 4]);
  const { known } = keepSinglePositive(labelsFromLists([...lists, []], 5), new RandomStream(3));
  const counts = new Array(5).fill(0);
  known?.forEach((value, at) => {
    counts[at % 5] += value;
  });
  for (let row = 0; row < 3000; row++) {
    expect(known?.subarray(row * 5, row * 5 + 5).reduce((sum, value) => sum + value, 0)).toBe(1);
  }
  expect(known?.subarray(15000).includes(1)).toBe(false);
  expect([counts[0], counts[2]]).toEqual([0, 0]);
  for (const c of [1, 3, 4]) expect(Math.abs(counts[c] - 1000)).toBeLessThan(5 * Math.sqrt(3000 * (2 / 9)));
});

test('refuses a proportion outside 0 … 1', () => {
  expect(() => dropLabels(labels, 10)).toThrow(OptionError);
  expect(() => dropLabels(labels, Number.NaN)).toThrow(OptionError);
});
