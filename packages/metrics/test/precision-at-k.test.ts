import { OptionError, RandomStream } from '@ltml/tensor';
import { expectClose } from '@ltml/tensor/testing';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { highestClasses } from '../src/ranking/highest-classes.ts';
import { precisionRecallAtK, topKLabelAccuracy } from '../src/ranking/precision-at-k.ts';
import { randomScores, scoresOf } from './oracle.ts';

const scores = scoresOf(
  [
    [4, 3, 2, 1],
    [1, 2, 3, 4],
    [4, 3, 2, 1],
  ],
  [
    [1, 0, 1, 0],
    [1, 0, 1, -1],
    [0, 0, 0, 0],
  ],
);

test('micro precision, recall and F1 of the k highest; what is not annotated counts as wrong', () => {
  // Of six predictions, class 0 of the first image and class 2 of the second are right; there are four positives.
  const { f1, precision, recall } = precisionRecallAtK(scores, 2);
  expectClose([precision, recall, f1], [2 / 6, 2 / 4, 0.4]);
});

test('nothing right, and no positives, give 0', () => {
  const none = scoresOf([[1, 2]], [[0, 0]]);
  expect(precisionRecallAtK(none, 1)).toEqual({ precision: 0, recall: 0, f1: 0 });
});

test('accuracy among the annotated of the k highest, 1 if there are none', () => {
  expectClose([topKLabelAccuracy(scores, 1)], [1 / 2]);
  expectClose([topKLabelAccuracy(scores, 2)], [2 / 5]);
  expect(topKLabelAccuracy(scoresOf([[1, 2]], [[-1, -1]]), 1)).toBe(1);
});

test('the k highest are those of a stable sort', () => {
  fc.assert(
    fc.property(fc.integer(), fc.integer({ min: 1, max: 9 }), (seed, k) => {
      const drawn = randomScores(new RandomStream(seed), 3, 9);
      const highest = new Int32Array(k);
      for (let row = 0; row < 3; row++) {
        highestClasses(drawn, row, highest);
        const score = (c: number): number => drawn.scores[row * 9 + c];
        const sorted = Array.from({ length: 9 }, (_, c) => c).sort((a, b) => score(b) - score(a));
        expect(Array.from(highest)).toEqual(sorted.slice(0, k));
      }
    }),
  );
});

test('refuses a k over the classes', () => {
  expect(() => precisionRecallAtK(scores, 5)).toThrow(OptionError);
  expect(() => topKLabelAccuracy(scores, 0)).toThrow(OptionError);
});
