import { RandomStream, ShapeError } from '@ltml/tensor';
import { expectClose } from '@ltml/tensor/testing';
import { expect, test } from 'vitest';
import { perClassReport } from '../src/protocols/per-class-report.ts';
import { splitReport } from '../src/protocols/split-report.ts';
import { apIncrements } from '../src/ranking/ap-increments.ts';
import { averagePrecision, meanAveragePrecision } from '../src/ranking/average-precision.ts';
import { logitAbove } from '../src/threshold/decision.ts';
import { f1Report } from '../src/threshold/f1.ts';
import { countPredictions } from '../src/threshold/predictions.ts';
import { randomScores, scoresOf } from './oracle.ts';

const scores = randomScores(new RandomStream(2), 40, 5, false);
const groups = { head: [4], medium: [0, 2], tail: [] };

test('a split report holds the metrics of the group’s classes; a group without classes is NaN', () => {
  const report = splitReport(scores, groups);
  const counts = countPredictions(scores, { decide: logitAbove(0) });
  const perClass = averagePrecision(scores);
  expect(report.averagePrecision).toEqual(perClass);
  expect(report.medium).toEqual({
    meanAveragePrecision: meanAveragePrecision(perClass, [0, 2]),
    ...f1Report(counts, [0, 2]),
  });
  expect(report.total.meanAveragePrecision).toBe(meanAveragePrecision(perClass));
  expect(Object.values(report.tail)).toEqual([Number.NaN, Number.NaN, Number.NaN, Number.NaN]);
});

test('the total is the mean over classes, not over groups', () => {
  const table = scoresOf(
    [
      [2, 1, 1],
      [1, 2, 2],
    ],
    [
      [1, 1, 1],
      [0, 0, 0],
    ],
  );
  const report = splitReport(table, { head: [0], medium: [], tail: [1, 2] });
  expectClose([report.total.meanAveragePrecision], [(1 + 0.5 + 0.5) / 3]);
  expect(report.classesWithoutPositives).toEqual([]);
});

test('names the classes that have no known positives', () => {
  const table = scoresOf([[1, 1, 1]], [[1, 0, -1]]);
  expect(splitReport(table, { head: [2], medium: [0, 1], tail: [] }).classesWithoutPositives).toEqual([1, 2]);
});

test('a table of the classes', () => {
  const table = scoresOf(
    [
      [2, 1, 1],
      [1, 2, 2],
      [0, 0, 0],
    ],
    [
      [1, 0, 0],
      [0, -1, 0],
      [0, 1, 0],
    ],
  );
  const options = { classes: ['cat', 'owl', 'gnu'], classCounts: [100, 19, 20] };
  expect(perClassReport(table, { ...options, emptyClasses: 'skip' })).toEqual([
    { index: 0, name: 'cat', trainCount: 100, group: 'head', positives: 1, averagePrecision: 1 },
    { index: 1, name: 'owl', trainCount: 19, group: 'tail', positives: 1, averagePrecision: 0.5 },
    { index: 2, name: 'gnu', trainCount: 20, group: 'medium', positives: 0, averagePrecision: Number.NaN },
  ]);
  expect(() => perClassReport(table, { ...options, classes: ['cat'] })).toThrow(ShapeError);
});

test('increments along a ladder, by falling frequency and with ties in index order', () => {
  const runs = [
    [0.5, 0.2, 0.1, 0.4],
    [0.6, 0.2, 0.4, 0.4],
    [0.5, 0.4, 0.5, Number.NaN],
  ];
  const { order, steps } = apIncrements(runs, [30, 150, 10, 30]);
  expect(order).toEqual([1, 0, 3, 2]);
  expectClose(steps[0].versusPrevious, [0, 0.1, 0, 0.3]);
  expectClose(steps[1].versusPrevious, [0.2, -0.1, Number.NaN, 0.1]);
  expectClose(steps[1].versusFirst, [0.2, 0, Number.NaN, 0.4]);
  expectClose(Object.values(steps[0].mean), [0.1, 0, 0.05, 0.3]);
  expectClose(Object.values(steps[1].mean), [0.2 / 3, 0.2, -0.1, 0.1]);
  expect(() => apIncrements([[1]], [30, 150])).toThrow(ShapeError);
});
