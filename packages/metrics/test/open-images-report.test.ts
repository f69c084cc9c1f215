import { expectClose } from '@ltml/tensor/testing';
import { expect, test } from 'vitest';
import { imagesWithPositives, selectScores } from '../src/core/select-scores.ts';
import { openImagesReport } from '../src/protocols/open-images-report.ts';
import { scoresOf } from './oracle.ts';

// Classes 0 and 1 are seen, 2 and 3 are not; −1 is not annotated.
const scores = scoresOf(
  [
    [4, 3, 2, 1],
    [1, 2, 3, 4],
    [4, 1, 2, 3],
    [1, 1, 1, 1],
  ],
  [
    [1, -1, 0, -1],
    [-1, -1, 0, -1],
    [0, -1, 1, -1],
    [-1, -1, -1, -1],
  ],
);

test('each track keeps the images with a positive among its classes', () => {
  const { gzsl, zsl } = openImagesReport(scores, { unseen: [2, 3], k: [1, 2] });
  expect([zsl.images, gzsl.images]).toEqual([1, 2]);
  // Unseen classes count even where nothing is annotated; of all classes only 0 and 2 are.
  expect([zsl.classes, gzsl.classes]).toEqual([
    [2, 3],
    [0, 2],
  ]);
  expectClose(zsl.averagePrecision, [1, 0]);
  expectClose([zsl.meanAveragePrecision, zsl.weightedMeanAveragePrecision], [0.5, 1]);
  // Class 0 has two equal scores, and so has class 2.
  expectClose(gzsl.averagePrecision, [0.5, 0.5]);
  expectClose([gzsl.meanAveragePrecision, gzsl.weightedMeanAveragePrecision], [0.5, 0.5]);
  // The kept image scores class 3 over class 2.
  expect(zsl.atK[0]).toEqual({ precision: 0, recall: 0, f1: 0 });
  expectClose([zsl.atK[1].precision, zsl.atK[1].recall], [0.5, 1]);
  expectClose([gzsl.atK[0].precision, gzsl.atK[0].recall], [0.5, 0.5]);
});

test('selects images and classes in the given order', () => {
  expect(selectScores(scores, [2, 0], [3, 0])).toEqual({
    rows: 2,
    columns: 2,
    scores: Float32Array.of(3, 4, 1, 4),
    present: Uint8Array.of(0, 0, 0, 1),
    known: Uint8Array.of(0, 1, 0, 1),
  });
  expect(selectScores(scores, undefined)).toEqual(scores);
  expect(Array.from(imagesWithPositives(scores))).toEqual([0, 2]);
});
