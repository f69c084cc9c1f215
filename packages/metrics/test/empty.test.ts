import { RandomStream } from '@ltml/tensor';
import { expect, test } from 'vitest';
import type { Scores } from '../src/core/scores.ts';
import * as metrics from '../src/index.ts';

const none: Scores = { rows: 0, columns: 2, scores: new Float32Array(0), present: new Uint8Array(0) };
const one: Scores = { rows: 1, columns: 1, scores: Float32Array.of(2), present: Uint8Array.of(1) };
const groups = { head: [0], medium: [], tail: [1] };
const random = () => new RandomStream(0);

test('no images: no class has positives, accuracies are not defined', () => {
  expect(Array.from(metrics.averagePrecision(none))).toEqual([0, 0]);
  expect(Array.from(metrics.averagePrecision(none, { emptyClasses: 'skip' }))).toEqual([Number.NaN, Number.NaN]);
  expect(metrics.splitReport(none, groups).total).toEqual({
    meanAveragePrecision: 0,
    microF1: 0,
    macroF1: 0,
    accuracy: Number.NaN,
  });
  expect(metrics.precisionRecallAtK(none, 1)).toEqual({ precision: 0, recall: 0, f1: 0 });
  expect(metrics.topKLabelAccuracy(none, 1)).toBe(1);
  expect(metrics.shotAccuracy(none, [], groups)).toMatchObject({
    top1: Number.NaN,
    top5: Number.NaN,
    crossEntropy: Number.NaN,
    head: { top1: null, images: 0 },
  });
  expect(Array.from(metrics.imagesWithPositives(none))).toEqual([]);
  expect(metrics.selectScores(none, [], [1]).columns).toBe(1);
});

test('no images or no positives: no difference is defined, and none is significant', () => {
  const without = { ...one, present: Uint8Array.of(0) };
  const interval = { difference: Number.NaN, low: Number.NaN, high: Number.NaN };
  for (const scores of [none, without]) {
    expect(metrics.pairedBootstrap(scores, scores, { random: random(), resamples: 3 })).toEqual({ total: interval });
    expect(metrics.pairedPermutationTest(scores, scores, { random: random(), permutations: 3 })).toEqual({
      total: { difference: Number.NaN, pValue: Number.NaN },
    });
  }
  expect(metrics.pairedMeansBootstrap([], [], { random: random(), resamples: 3 })).toEqual({ total: interval });
});

test('one image of one class', () => {
  expect(Array.from(metrics.averagePrecision(one))).toEqual([1]);
  expect(metrics.splitReport(one, { head: [0], medium: [], tail: [] }).total).toEqual({
    meanAveragePrecision: 1,
    microF1: 1,
    macroF1: 1,
    accuracy: 1,
  });
  expect(metrics.precisionRecallAtK(one, 1)).toEqual({ precision: 1, recall: 1, f1: 1 });
  expect(metrics.shotAccuracy(one, [0], { head: [0], medium: [], tail: [] })).toMatchObject({
    top1: 1,
    crossEntropy: 0,
  });
  expect(metrics.pairedBootstrap(one, one, { random: random(), resamples: 3 })).toEqual({
    total: { difference: 0, low: 0, high: 0 },
  });
});

test('no classes: nothing to average', () => {
  const empty = { ...none, rows: 3, columns: 0 };
  expect(metrics.averagePrecision(empty).length).toBe(0);
  expect(metrics.meanAveragePrecision([])).toBeNaN();
  expect(metrics.countPredictions(empty, { decide: () => true }).known.length).toBe(0);
});
