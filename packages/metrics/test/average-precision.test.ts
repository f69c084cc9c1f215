import { DataError, RandomStream, ShapeError } from '@ltml/tensor';
import { expectClose } from '@ltml/tensor/testing';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import {
  averagePrecision,
  elevenPoint,
  interpolated,
  meanAveragePrecision,
  nonInterpolatedAsl,
} from '../src/ranking/average-precision.ts';
import { column, randomScores, scoresOf, slowAveragePrecision, slowInterpolated } from './oracle.ts';

const one = (scores: number[], labels: number[]) =>
  scoresOf(
    scores.map((score) => [score]),
    labels.map((label) => [label]),
  );

test('without ties it is the mean precision at the ranks of the positives', () => {
  // Ranks of the positives: 1, 3 and 4, with precision 1/1, 2/3 and 3/4.
  expectClose(averagePrecision(one([5, 4, 3, 2, 1], [1, 0, 1, 1, 0])), [(1 + 2 / 3 + 3 / 4) / 3], { relative: 1e-15 });
});

test('tied scores are one threshold, whatever their order', () => {
  // scikit-learn 1.2.1 gives 0.5 and 0.5333 on these.
  const table = [
    [0.3, 0.1],
    [0.3, 0.1],
    [0.3, 0.5],
    [-1, 0.5],
    [2, -3],
  ];
  const labels = [
    [1, 0],
    [0, 1],
    [1, 1],
    [0, 0],
    [0, 1],
  ];
  expectClose(averagePrecision(scoresOf(table, labels)), [0.5, 8 / 15], { relative: 1e-15 });
  expectClose(averagePrecision(scoresOf(table.toReversed(), labels.toReversed())), [0.5, 8 / 15], { relative: 1e-15 });
});

test('constant scores give the prevalence, −0 is 0, infinities rank', () => {
  expectClose(averagePrecision(one([2, 2, 2, 2], [0, 1, 0, 0])), [0.25]);
  expectClose(averagePrecision(one([-0, 0, 0, -0], [0, 1, 0, 0])), [0.25]);
  expectClose(averagePrecision(one([Number.NEGATIVE_INFINITY, Number.POSITIVE_INFINITY, 0], [1, 0, 0])), [1 / 3]);
});

test('agrees with counting at every threshold, with ties and with entries that are not annotated', () => {
  fc.assert(
    fc.property(fc.integer(), fc.integer({ min: 1, max: 40 }), fc.boolean(), (seed, rows, allKnown) => {
      const scores = randomScores(new RandomStream(seed), rows, 18, allKnown);
      const columns = Array.from({ length: 18 }, (_, c) => column(scores, c));
      const hasPositives = columns.map(({ present }) => present.includes(1));
      const expected = (slow: typeof slowAveragePrecision, empty: number) =>
        columns.map(({ scores, present }, c) => (hasPositives[c] ? slow(scores, present) : empty));
      expectClose(averagePrecision(scores), expected(slowAveragePrecision, 0), { relative: 1e-12 });
      expectClose(
        averagePrecision(scores, { rule: interpolated, emptyClasses: 'skip' }),
        expected(slowInterpolated, Number.NaN),
        { relative: 1e-12 },
      );
    }),
  );
});

test('what is not annotated is as if removed', () => {
  const kept = one([5, 3, 1], [0, 1, 0]);
  const masked = one([9, 5, 4, 3, 1], [-1, 0, -1, 1, 0]);
  expect(averagePrecision(masked)).toEqual(averagePrecision(kept));
});

test('any rising function of the scores changes nothing', () => {
  fc.assert(
    fc.property(fc.integer(), (seed) => {
      const scores = randomScores(new RandomStream(seed), 30, 3);
      const bent = { ...scores, scores: scores.scores.map((score) => score ** 3 + 7) };
      expect(averagePrecision(bent)).toEqual(averagePrecision(scores));
    }),
  );
});

test('permuting classes permutes the result', () => {
  const scores = randomScores(new RandomStream(8), 25, 20, false);
  const order = Array.from(new RandomStream(9).permutation(20));
  const permute = <T extends Float32Array | Uint8Array>(values: T): T =>
    values.map((_, at) => values[at - (at % 20) + order[at % 20]]) as T;
  const permuted = averagePrecision({
    ...scores,
    scores: permute(scores.scores),
    present: permute(scores.present),
    known: permute(scores.known as Uint8Array),
  });
  const plain = averagePrecision(scores);
  expect(Array.from(permuted)).toEqual(order.map((c) => plain[c]));
});

test('eleven points: the best precision from each tenth of recall on', () => {
  // Three positives at ranks 1, 3 and 6: precision 1, 2/3 and 1/2 at recall 1/3, 2/3 and 1.
  const scores = one([6, 5, 4, 3, 2, 1], [1, 0, 1, 0, 0, 1]);
  expectClose(averagePrecision(scores, { rule: elevenPoint }), [(4 * 1 + 3 * (2 / 3) + 4 * (1 / 2)) / 11]);
  // Ten positives at ranks 1 to 3 and 14 to 20: a recall of exactly 0.3 still has precision 1, all later ones 10/20.
  const ten = one(
    Array.from({ length: 20 }, (_, i) => -i),
    Array.from({ length: 20 }, (_, i) => (i < 3 || i >= 13 ? 1 : 0)),
  );
  expectClose(averagePrecision(ten, { rule: elevenPoint }), [(4 * 1 + 7 * (10 / 20)) / 11]);
});

test('the denominator of ASL', () => {
  expectClose(averagePrecision(one([2, 1], [0, 1]), { rule: nonInterpolatedAsl }), [0.5 / (1 + 1e-8)], {
    relative: 1e-14,
  });
});

test('a class without positives is 0 and counted, or NaN and left out (trap 32)', () => {
  const scores = scoresOf(
    [
      [1, 2],
      [3, 1],
    ],
    [
      [0, 0],
      [1, 0],
    ],
  );
  expect(meanAveragePrecision(averagePrecision(scores))).toBe(0.5);
  const skipped = averagePrecision(scores, { emptyClasses: 'skip' });
  expect(Array.from(skipped)).toEqual([1, Number.NaN]);
  expect(meanAveragePrecision(skipped)).toBe(1);
  expect(meanAveragePrecision(skipped, [1])).toBeNaN();
  expect(meanAveragePrecision(skipped, [])).toBeNaN();
});

test('no images give no precision', () => {
  expect(
    Array.from(averagePrecision({ rows: 0, columns: 2, scores: new Float32Array(), present: new Uint8Array() })),
  ).toEqual([0, 0]);
});

test('refuses NaN, labels other than 0 and 1, and wrong lengths', () => {
  const scores = randomScores(new RandomStream(1), 4, 3);
  const broken = { ...scores, scores: scores.scores.with(7, Number.NaN) };
  expect(() => averagePrecision(broken)).toThrow(
    /averagePrecision: scores should be numbers, got NaN at row 2, class 1/,
  );
  expect(() => averagePrecision({ ...scores, present: scores.present.with(0, 255) })).toThrow(DataError);
  expect(() => averagePrecision({ ...scores, scores: new Float32Array(11) })).toThrow(ShapeError);
});
