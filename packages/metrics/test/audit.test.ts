import { RandomStream } from '@ltml/tensor';
import { expect, test } from 'vitest';
import { labelIssues } from '../src/audit/label-issues.ts';
import { nearDuplicates } from '../src/audit/near-duplicates.ts';
import type { Scores } from '../src/core/scores.ts';
import { column, scoresOf } from './oracle.ts';

/** Confident learning by its definition, for two classes: absent and present. */
function slowIssues(scores: Scores, c: number): number[] {
  const { scores: p, present: y } = column(scores, c);
  const confidences = p.map((value) => [1 - value, value]);
  const thresholds = [0, 1].map((side) => {
    const own = confidences.filter((_, i) => y[i] === side).map((pair) => pair[side]);
    return own.reduce((sum, value) => sum + value, 0) / own.length;
  });
  return confidences.flatMap((pair, i) => {
    const sides = [0, 1].filter((side) => pair[side] >= thresholds[side] - 1e-6);
    if (sides.length === 0) return [];
    const guess = sides.length === 2 ? (pair[1] > pair[0] ? 1 : 0) : sides[0];
    return guess !== y[i] ? [i] : [];
  });
}

test('issues are the confident off-diagonals of each class', () => {
  const random = new RandomStream(2);
  for (let round = 0; round < 30; round++) {
    const table = Array.from({ length: 25 }, () => [random.uniform(), random.uniform()]);
    const scores = scoresOf(
      table,
      table.map((row) => row.map((p) => (random.uniform() < p ? 1 : 0))),
    );
    const issues = labelIssues(scores);
    for (const c of [0, 1]) {
      const rows = issues.filter((issue) => issue.class === c).map(({ row }) => row);
      expect(rows.toSorted((a, b) => a - b)).toEqual(slowIssues(scores, c));
    }
    const order = issues.map(({ selfConfidence }) => selfConfidence);
    expect(order).toEqual(order.toSorted((a, b) => a - b));
  }
});

test('planted label errors come first, and unknown labels are none', () => {
  const random = new RandomStream(3);
  const truth = Array.from({ length: 200 }, () => random.integer(2));
  const flipped = new Set([3, 50, 111]);
  const scores = scoresOf(
    truth.map((y, i) => {
      const doubt = flipped.has(i) ? 0.02 : 0.1 + 0.3 * random.uniform();
      return [y === 1 ? 1 - doubt : doubt];
    }),
    truth.map((y, i) => [i === 120 ? -1 : flipped.has(i) ? 1 - y : y]),
  );
  const issues = labelIssues(scores);
  expect(new Set(issues.slice(0, 3).map(({ row }) => row))).toEqual(flipped);
  expect(issues.map(({ row }) => row)).not.toContain(120);
  for (const { row, label } of issues.slice(0, 3)) expect(label).toBe(1 - truth[row]);
});

test('a class without both sides has no issues', () => {
  expect(labelIssues(scoresOf([[0.1], [0.9]], [[1], [1]]))).toEqual([]);
  expect(labelIssues(scoresOf([[0.1], [0.9]], [[-1], [0]]))).toEqual([]);
});

/** N random feature vectors, some of which are near copies of others. */
function planted(N: number, D: number, copies: readonly (readonly [from: number, to: number])[]): Float32Array {
  const random = new RandomStream(4);
  const features = Float32Array.from({ length: N * D }, () => Math.max(0, random.normal() + 1));
  for (const [from, to] of copies) {
    for (let d = 0; d < D; d++) features[to * D + d] = features[from * D + d] + 0.03 * random.normal();
  }
  return features;
}

test('finds planted near duplicates and nothing else', () => {
  const features = planted(600, 24, [
    [1, 300],
    [300, 599],
    [7, 8],
  ]);
  const groups = nearDuplicates(features, { columns: 24, random: new RandomStream(1) });
  expect(groups.map(({ images }) => images).toSorted(([a], [b]) => a - b)).toEqual([
    [1, 300, 599],
    [7, 8],
  ]);
  for (const { similarity } of groups) expect(similarity).toBeGreaterThan(0.98);
});

test('ties a crowd of equal images in linear time', () => {
  const [N, D] = [20_000, 4];
  const features = Float32Array.from({ length: N * D }, (_, at) => (at < 40 ? at : at % D));
  // The first image is like all from the tenth on.
  const groups = nearDuplicates(features, { columns: D, random: new RandomStream(1) });
  expect(groups[0].images.length).toBe(N - 9);
});

test('no images, one image, equal images', () => {
  const options = { columns: 2, random: new RandomStream(1) };
  expect(nearDuplicates(new Float32Array(0), options)).toEqual([]);
  expect(nearDuplicates(Float32Array.of(1, 2), options)).toEqual([]);
});
