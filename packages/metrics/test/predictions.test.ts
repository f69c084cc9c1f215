import { OptionError, RandomStream } from '@ltml/tensor';
import { expect, test } from 'vitest';
import { logitAbove, logitAtLeast, probabilityAtLeast } from '../src/threshold/decision.ts';
import { countPredictions } from '../src/threshold/predictions.ts';
import { randomScores, scoresOf } from './oracle.ts';

const scores = scoresOf(
  [
    [2, 0, -1],
    [0, 3, 1],
    [-2, 1, 1],
  ],
  [
    [1, 1, 0],
    [0, 1, -1],
    [1, 0, 1],
  ],
);

test('counts per class, by threshold, over what is annotated', () => {
  expect(countPredictions(scores, { decide: logitAbove(0) })).toEqual({
    correct: Int32Array.of(1, 1, 1),
    predicted: Int32Array.of(1, 2, 1),
    present: Int32Array.of(2, 2, 1),
    known: Int32Array.of(3, 3, 2),
  });
});

test('a logit on the threshold is over it for logitAtLeast only', () => {
  expect(countPredictions(scores, { decide: logitAtLeast(0) }).predicted).toEqual(Int32Array.of(2, 3, 1));
  expect(countPredictions(scores, { decide: probabilityAtLeast(0.5) }).predicted).toEqual(Int32Array.of(2, 3, 1));
});

test('the highest classes of each image, of equal scores the lower, alone or with a threshold', () => {
  expect(countPredictions(scores, { topK: 1 }).predicted).toEqual(Int32Array.of(1, 2, 0));
  // The second place of the second image goes to a class that is not annotated there.
  expect(countPredictions(scores, { topK: 2 }).predicted).toEqual(Int32Array.of(1, 3, 1));
  expect(countPredictions(scores, { topK: 2, decide: logitAbove(0) }).predicted).toEqual(Int32Array.of(1, 2, 1));
});

test('all classes in the top C are as no top at all', () => {
  const drawn = randomScores(new RandomStream(1), 20, 6, false);
  const decide = logitAbove(0);
  expect(countPredictions(drawn, { decide, topK: 6 })).toEqual(countPredictions(drawn, { decide }));
});

test('a probability is compared as a logit', () => {
  const atLeast = probabilityAtLeast(0.8);
  expect([atLeast(Math.log(4) - 1e-9), atLeast(Math.log(4) + 1e-9)]).toEqual([false, true]);
  expect(probabilityAtLeast(0)(-100)).toBe(true);
  expect(probabilityAtLeast(1)(100)).toBe(false);
  expect(() => probabilityAtLeast(2)).toThrow(OptionError);
});

test('refuses no rule, a k out of range and unknown options', () => {
  expect(() => countPredictions(scores, {})).toThrow(/a rule \(`decide`, `topK` or both\)/);
  expect(() => countPredictions(scores, { topK: 4 })).toThrow(/in \[1, 3\], got 4/);
  expect(() => countPredictions(scores, { threshold: 1 } as object)).toThrow(/unknown option "threshold"/);
});
