import { expectClose } from '@ltml/tensor/testing';
import { expect, test } from 'vitest';
import { accuracyPerClass, f1Report } from '../src/threshold/f1.ts';
import type { PredictionCounts } from '../src/threshold/predictions.ts';

// Of ten images, by class: 2 right and 2 wrong; nothing predicted, 3 missed; nothing there and nothing found.
const counts: PredictionCounts = {
  correct: Int32Array.of(2, 0, 0),
  predicted: Int32Array.of(3, 0, 0),
  present: Int32Array.of(3, 3, 0),
  known: Int32Array.of(10, 10, 10),
};

const list = (classes?: number[]): number[] => {
  const { microF1, macroF1, accuracy } = f1Report(counts, classes);
  return [microF1, macroF1, accuracy];
};

test('micro over all entries, macro over classes with 0 where it is not defined', () => {
  expectClose(list(), [4 / (4 + 5), 4 / 6 / 3, 25 / 30]);
});

test('a single class is a binary problem: accuracy, and the mean of the F1 of both labels', () => {
  // "Present": 2·2/(2·2 + 2); "absent": 6 right, so 2·6/(2·6 + 2).
  expectClose(list([0]), [8 / 10, (4 / 6 + 12 / 14) / 2, 8 / 10]);
  // Label 1 occurs only in the targets; its F1 of 0 counts.
  expectClose(list([1]), [7 / 10, (0 + 14 / 17) / 2, 7 / 10]);
  // Label 1 does not occur at all.
  expectClose(list([2]), [1, 1, 1]);
});

test('no class gives NaN', () => {
  expectClose(list([]), [Number.NaN, Number.NaN, Number.NaN]);
});

test('accuracy per class', () => {
  expectClose(accuracyPerClass(counts), [0.8, 0.7, 1]);
  expect(accuracyPerClass({ ...counts, known: Int32Array.of(10, 10, 0) })[2]).toBeNaN();
});
