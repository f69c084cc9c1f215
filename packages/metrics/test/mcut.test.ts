import { RandomStream } from '@ltml/tensor';
import { expect, test } from 'vitest';
import { mcut } from '../src/threshold/mcut.ts';

const matrix = (...table: number[][]) => ({
  rows: table.length,
  columns: table[0].length,
  scores: Float32Array.from(table.flat()),
});

test('cuts in the middle of the largest gap, the upper of equal ones', () => {
  const { thresholds, predicted } = mcut(matrix([0.125, 0.75, 0.625, 0], [0, 0.25, 0.5, 0.5], [0.3, 0.3, 0.3, 0.3]));
  expect([...thresholds]).toEqual([0.375, 0.375, Math.fround(0.3)]);
  expect([...predicted]).toEqual([0, 1, 1, 0, 0, 0, 1, 1, 0, 0, 0, 0]);
});

test('equals the definition: every gap is tried', () => {
  const random = new RandomStream(1);
  for (let round = 0; round < 100; round++) {
    const row = Array.from({ length: 2 + random.integer(6) }, () => random.integer(9) / 8);
    const descending = row.toSorted((a, b) => b - a);
    const gaps = descending.slice(1).map((score, i) => descending[i] - score);
    const k = gaps.indexOf(Math.max(...gaps));
    const expected = (descending[k] + descending[k + 1]) / 2;
    const { thresholds, predicted } = mcut(matrix(row));
    expect(thresholds[0]).toBe(expected);
    expect([...predicted]).toEqual(row.map((score) => Number(score > expected)));
  }
});

test('does not go below a floor, and falls back for one class', () => {
  expect([...mcut(matrix([0.125, 0]), { floor: 0.15 }).predicted]).toEqual([0, 0]);
  expect([...mcut(matrix([0.5], [0.75])).predicted]).toEqual([0, 1]);
  expect([...mcut(matrix([0.5]), { fallback: 0.25, floor: 0.5 }).thresholds]).toEqual([0.5]);
});

test('an infinite gap is the largest', () => {
  const [up, down] = [Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY];
  expect([...mcut(matrix([up, 1, -9], [4, 3, down], [up, down, up], [up, up, up])).predicted]).toEqual([
    ...[1, 0, 0],
    ...[1, 1, 0],
    ...[1, 0, 1],
    ...[0, 0, 0],
  ]);
});
