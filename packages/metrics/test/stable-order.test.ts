import { RandomStream } from '@ltml/tensor';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { pairedBootstrap } from '../src/compare/paired-bootstrap.ts';
import { pairedPermutationTest } from '../src/compare/paired-permutation.ts';
import type { Scores } from '../src/core/scores.ts';
import { averagePrecision, meanAveragePrecision } from '../src/ranking/average-precision.ts';
import { ascendingKeys, descending, stableOrder } from '../src/ranking/stable-order.ts';

const placesOf = (values: ArrayLike<number>): number[] => Array.from(values, (_, place) => place);

test('keys are put in the order of a stable sort by comparison', () => {
  fc.assert(
    fc.property(fc.array(fc.oneof(fc.nat(5), fc.integer({ min: 0, max: 2 ** 32 - 1 }))), (values) => {
      const keys = Uint32Array.from(values);
      const compared = placesOf(keys).sort((a, b) => keys[a] - keys[b]);
      expect(Array.from(stableOrder(keys))).toEqual(compared);
      const fromHighest = placesOf(keys).sort((a, b) => keys[b] - keys[a]);
      expect(Array.from(stableOrder(descending(keys)))).toEqual(fromHighest);
    }),
  );
});

test('scores are put in the order of a stable sort by comparison: ties, both zeros, infinities, the smallest numbers', () => {
  const special = fc.constantFrom(0, -0, Infinity, -Infinity, 1e-45, -1e-45, 3.4028234663852886e38, 1, -1);
  fc.assert(
    fc.property(fc.array(fc.oneof(special, fc.float({ noNaN: true }))), (values) => {
      const scores = Float32Array.from(values);
      const [x, y] = [(a: number) => scores[a], (b: number) => scores[b]];
      const compared = placesOf(scores).sort((a, b) => Number(x(a) > y(b)) - Number(x(a) < y(b)));
      expect(Array.from(stableOrder(ascendingKeys(scores)))).toEqual(compared);
    }),
  );
});

test('the comparisons of sets with many ties are those of average precision', () => {
  const random = new RandomStream(3);
  const [rows, columns] = [400, 3];
  const present = Uint8Array.from({ length: rows * columns }, () => Number(random.integer(5) === 0));
  const known = Uint8Array.from({ length: rows * columns }, () => Number(random.integer(4) > 0));
  const tied = (levels: number): Scores => {
    const scores = Float32Array.from(present, (label) => (label - 1 + random.integer(levels)) * -0.5);
    return { rows, columns, present, known, scores };
  };
  const [first, second] = [tied(4), tied(9)];
  const mean = (scores: Scores): number => meanAveragePrecision(averagePrecision(scores));
  const difference = mean(second) - mean(first);
  const bootstrap = pairedBootstrap(first, second, { resamples: 1, random }).total;
  expect(bootstrap.difference).toBeCloseTo(difference, 12);
  expect(pairedPermutationTest(first, second, { permutations: 1, random }).total.difference).toBeCloseTo(
    difference,
    12,
  );
});
