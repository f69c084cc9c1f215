import { RandomStream } from '@ltml/tensor';
import { expectClose } from '@ltml/tensor/testing';
import { expect, test } from 'vitest';
import { atLeastThresholds } from '../src/threshold/at-least.ts';
import { confusions } from '../src/threshold/confusions.ts';
import { maxF1Thresholds } from '../src/threshold/max-f1-thresholds.ts';
import { precisionRecallPerClass } from '../src/threshold/precision-recall-per-class.ts';
import { precisionThresholds } from '../src/threshold/precision-thresholds.ts';
import { countPredictions } from '../src/threshold/predictions.ts';
import { column, randomScores, scoresOf } from './oracle.ts';

interface Point {
  readonly threshold: number;
  readonly precision: number;
  readonly recall: number;
  readonly f1: number;
}

/** Every distinct score is tried as a threshold, and counted anew. */
function points(scores: readonly number[], present: readonly number[]): Point[] {
  const positives = present.reduce((sum, y) => sum + y, 0);
  return [...new Set(scores)]
    .sort((a, b) => a - b)
    .map((threshold) => {
      const predicted = scores.filter((score) => score >= threshold).length;
      const correct = scores.filter((score, i) => score >= threshold && present[i] === 1).length;
      return {
        threshold,
        precision: correct / predicted,
        recall: correct / positives,
        f1: (2 * correct) / (predicted + positives),
      };
    });
}

/** The first of the best. */
function best(candidates: readonly Point[], value: (point: Point) => number): Point | undefined {
  return candidates.reduce<Point | undefined>(
    (chosen, point) => (chosen && value(chosen) >= value(point) ? chosen : point),
    undefined,
  );
}

test('equal the best of all thresholds, the lowest of equals, in scores full of ties', () => {
  const random = new RandomStream(6);
  for (let round = 0; round < 60; round++) {
    const scores = randomScores(random, 1 + random.integer(12), 3, false);
    const { thresholds, precision, recall, f1 } = maxF1Thresholds(scores, { fallback: 9 });
    for (const c of [0, 1, 2]) {
      const { scores: values, present } = column(scores, c);
      const chosen = present.includes(1) ? best(points(values, present), (point) => point.f1) : undefined;
      const expected = chosen ?? { threshold: 9, precision: 0, recall: 0, f1: 0 };
      expect(thresholds[c]).toBe(expected.threshold);
      expectClose([precision[c], recall[c], f1[c]], [expected.precision, expected.recall, expected.f1]);
    }
  }
});

test('reach a precision with the largest recall, or nothing', () => {
  const random = new RandomStream(7);
  for (let round = 0; round < 60; round++) {
    const scores = randomScores(random, 1 + random.integer(12), 1, false);
    const { scores: values, present } = column(scores, 0);
    if (!present.includes(1)) continue;
    for (const precision of [0.3, 0.5, 0.75, 1]) {
      const result = precisionThresholds(scores, { precision });
      const reached = points(values, present).filter((point) => point.precision >= precision && point.recall > 0);
      if (reached.length === 0) {
        expect(values.every((score) => score < result.thresholds[0])).toBe(true);
        expect([result.precision[0], result.recall[0], result.f1[0]]).toEqual([0, 0, 0]);
        continue;
      }
      const recall = Math.max(...reached.map((point) => point.recall));
      const [sharpest] = reached.filter((point) => point.recall === recall).sort((a, b) => b.precision - a.precision);
      expect([result.thresholds[0], result.precision[0], result.recall[0]]).toEqual([
        sharpest.threshold,
        sharpest.precision,
        recall,
      ]);
    }
  }
});

test('one threshold for all classes is that of all labels in one column', () => {
  const scores = randomScores(new RandomStream(8), 9, 4, false);
  const columns = [0, 1, 2, 3].map((c) => column(scores, c));
  const one = scoresOf(
    columns.flatMap((own) => own.scores).map((score) => [score]),
    columns.flatMap((own) => own.present).map((label) => [label]),
  );
  expect(maxF1Thresholds(scores, { pooled: true })).toEqual(maxF1Thresholds(one));
});

test('what no score reaches is just above the highest, also of zeros and negative scores', () => {
  for (const highest of [-3, -0, 0, 0.7, 1e30]) {
    const scores = scoresOf([[highest], [highest - 1]], [[0], [1]]);
    const [threshold] = precisionThresholds(scores, { precision: 1 }).thresholds;
    expect(threshold).toBeGreaterThan(scores.scores[0]);
    expect(threshold - scores.scores[0]).toBeLessThanOrEqual(Math.abs(scores.scores[0]) * 2 ** -22 + 1e-44);
  }
});

test('counts are of what the thresholds give', () => {
  const scores = randomScores(new RandomStream(9), 30, 3, false);
  const chosen = maxF1Thresholds(scores);
  const predicted = atLeastThresholds(scores, chosen.thresholds);
  const { precision, recall, f1 } = precisionRecallPerClass(countPredictions(scores, { predicted }));
  expectClose(precision, chosen.precision);
  expectClose(recall, chosen.recall);
  expectClose(f1, chosen.f1);
});

test('errors that occur together, the most frequent first', () => {
  const scores = scoresOf(
    [
      [0, 1, 1],
      [0, 1, 0],
      [1, 1, 1],
    ],
    [
      [1, 0, 0],
      [1, 0, 1],
      [-1, 1, 0],
    ],
  );
  expect(confusions(scores, Uint8Array.from(scores.scores))).toEqual([
    { missed: 0, predicted: 1, images: 2 },
    { missed: 0, predicted: 2, images: 1 },
    { missed: 2, predicted: 1, images: 1 },
  ]);
});
