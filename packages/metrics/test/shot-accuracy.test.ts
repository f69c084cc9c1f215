import { DataError, ShapeError } from '@ltml/tensor';
import { expectClose } from '@ltml/tensor/testing';
import { expect, test } from 'vitest';
import { shotAccuracy } from '../src/protocols/shot-accuracy.ts';

const logits = {
  rows: 4,
  columns: 3,
  scores: Float32Array.of(2, 1, 0, 0, 1, 1, 0, 0, 0, -100, 100, 0),
};
const groups = { head: [0], medium: [1, 2], tail: [] };

test('top-1 by group, ties go to the lower class, an empty group is null', () => {
  const report = shotAccuracy(logits, [0, 2, 0, 1], groups);
  expect(Array.from(report.predictions)).toEqual([0, 1, 0, 1]);
  expect(report.top1).toBe(3 / 4);
  expect(report.top5).toBe(1);
  expect([report.head, report.medium, report.tail]).toEqual([
    { top1: 1, images: 2 },
    { top1: 1 / 2, images: 2 },
    { top1: null, images: 0 },
  ]);
});

test('top-5 leaves the sixth class out', () => {
  const six = { rows: 1, columns: 6, scores: Float32Array.of(6, 5, 4, 3, 2, 1) };
  const none = { head: [], medium: [], tail: [] };
  expect([4, 5].map((label) => shotAccuracy(six, [label], none).top5)).toEqual([1, 0]);
});

test('cross-entropy, finite at ±100', () => {
  const expected = [Math.log(1 + Math.exp(-1) + Math.exp(-2)), Math.log(2 + Math.exp(-1)), Math.log(3), 200];
  expectClose(
    [shotAccuracy(logits, [0, 2, 0, 0], groups).crossEntropy],
    [expected.reduce((sum, value) => sum + value, 0) / 4],
  );
});

test('refuses labels of another number, and labels that are no class', () => {
  expect(() => shotAccuracy(logits, [0], groups)).toThrow(ShapeError);
  expect(() => shotAccuracy(logits, [0, 1, 2, 3], groups)).toThrow(DataError);
});
