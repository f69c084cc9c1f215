import { expectClose } from '@ltml/tensor/testing';
import { expect, test } from 'vitest';
import { type PrecisionRecall, precisionRecall } from '../src/threshold/precision-recall.ts';
import type { PredictionCounts } from '../src/threshold/predictions.ts';

const countsOf = (correct: number[], predicted: number[], present: number[]): PredictionCounts => ({
  correct: Int32Array.from(correct),
  predicted: Int32Array.from(predicted),
  present: Int32Array.from(present),
  known: Int32Array.from(correct, () => 20),
});

const list = (report: PrecisionRecall): number[] => [
  report.overallPrecision,
  report.overallRecall,
  report.overallF1,
  report.classPrecision,
  report.classRecall,
  report.classF1,
];

// The second class is never predicted, the third has no positives.
const counts = countsOf([3, 0, 0], [4, 0, 2], [6, 2, 0]);

test('overall from sums, classes from means, F1 of the means', () => {
  const cp = (3 / 4 + 0) / 2;
  const cr = (3 / 6 + 0 / 2) / 2;
  expectClose(list(precisionRecall(counts)), [
    3 / 6,
    3 / 8,
    (2 * (3 / 6) * (3 / 8)) / (3 / 6 + 3 / 8),
    cp,
    cr,
    (2 * cp * cr) / (cp + cr),
  ]);
});

test('a class without positives: skipped, counted as 0, or NaN (trap 33)', () => {
  const zero = precisionRecall(counts, { emptyClasses: 'zero' });
  expectClose([zero.classPrecision, zero.classRecall], [3 / 4 / 3, 3 / 6 / 3]);
  const authors = precisionRecall(counts, { emptyClasses: 'nan' });
  expectClose([authors.classPrecision, authors.classRecall, authors.classF1], [3 / 4 / 3, Number.NaN, Number.NaN]);
});

test('in the released codes a class that is never predicted counts once in OP', () => {
  expectClose([precisionRecall(counts, { neverPredictedCountsOnce: true }).overallPrecision], [3 / 7]);
});

test('over chosen classes only', () => {
  expectClose(list(precisionRecall(counts, { classes: [0] })), [3 / 4, 3 / 6, 0.6, 3 / 4, 3 / 6, 0.6]);
});

test('nothing predicted is 0, no class with positives is NaN', () => {
  expect(list(precisionRecall(countsOf([0], [0], [5])))).toEqual([0, 0, 0, 0, 0, 0]);
  const empty = precisionRecall(countsOf([0], [3], [0]));
  expect([empty.overallF1, empty.classPrecision, empty.classF1]).toEqual([0, Number.NaN, Number.NaN]);
});
