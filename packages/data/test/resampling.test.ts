import { RandomStream } from '@ltml/tensor';
import { classStatistics, type Labels } from '@ltml/tensor/labels';
import { expectClose } from '@ltml/tensor/testing';
import { expect, test } from 'vitest';
import { ClassAwareSampler } from '../src/class-aware-sampler.ts';
import { indexByClass } from '../src/index-by-class.ts';
import { labelsFromLists } from '../src/label-codes.ts';
import { classShare, imageProbability, resamplingReport } from '../src/resampling.ts';

// Class 0 has 4 images, class 1 has 2, class 2 none.
const labels = labelsFromLists([[0], [0], [0], [0, 1], [1]], 3);

test('an image is drawn once for each of its classes', () => {
  expectClose(imageProbability(labels), [1 / 8, 1 / 8, 1 / 8, 1 / 8 + 1 / 4, 1 / 4], { relative: 1e-15 });
});

test('the share of a class sums over the classes that bring it', () => {
  // Class 0 comes with every draw for itself and every second draw for class 1.
  expectClose(classShare(classStatistics(labels)), [(1 + 1 / 2) / 2, (1 / 4 + 1) / 2, 0], { relative: 1e-15 });
});

test('the share of a class is the probability of its images', () => {
  const random = new RandomStream(7);
  const present = Uint8Array.from({ length: 60 * 8 }, () => (random.integer(4) === 0 ? 1 : 0));
  const drawn: Labels = { rows: 60, columns: 8, present };
  const probability = imageProbability(drawn);
  const summed = indexByClass(drawn).map((images) => images.reduce((sum, image) => sum + probability[image], 0));
  expectClose(classShare(classStatistics(drawn)), summed, { relative: 1e-12 });
  expectClose([probability.reduce((sum, value) => sum + value, 0)], [1], { relative: 1e-12 });
});

test('the sampler draws every image as often as said, exactly, over whole cycles', () => {
  // Four visits of each of the two classes, one image each, are whole cycles of both.
  const sampler = new ClassAwareSampler({
    indexByClass: indexByClass(labels),
    random: new RandomStream(2),
    numSamplesPerClass: 1,
    reduce: 1,
  });
  const counts = new Array(5).fill(0);
  for (const image of sampler.nextEpoch()) counts[image]++;
  expect(counts).toEqual(Array.from(imageProbability(labels), (probability) => probability * 8));
});

test('reports shares before and after, and the spread inside each class', () => {
  const { classes, labelsPerDraw, labelsPerImage, largestGain } = resamplingReport(labels);
  expect(labelsPerImage).toBeCloseTo(6 / 5, 12);
  expect(labelsPerDraw).toBeCloseTo(3 / 4 + 5 / 8, 12);
  expect(largestGain).toBeCloseTo((3 / 8) * 5, 12);
  expect(classes[0].shareBefore).toBeCloseTo(4 / 5, 12);
  expectClose(classes[0].spread, [5 / 8, 5 / 8, 5 / 8, 5 / 8 + (15 / 8 - 5 / 8) / 4, 15 / 8]);
  expectClose(classes[2].spread, new Array(5).fill(Number.NaN));
});

test('of partial labels known positives alone are counted, before and after, by the statistics of either reading', () => {
  // Image 3 is not known to have class 0, nor image 0 to lack class 1.
  const known = Uint8Array.from(labels.present, () => 1)
    .with(3 * 3 + 0, 0)
    .with(0 * 3 + 1, 0);
  const partial: Labels = { ...labels, known };
  const asAbsent: Labels = { ...labels, present: Uint8Array.from(labels.present).with(3 * 3 + 0, 0) };
  expect(resamplingReport(partial)).toEqual(resamplingReport(asAbsent));
  for (const unknown of ['ignore', 'negative'] as const) {
    expect(classShare(classStatistics(partial, { unknown }))).toEqual(classShare(classStatistics(asAbsent)));
  }
  const { classes, labelsPerImage } = resamplingReport(partial);
  expectClose([classes[0].shareBefore, classes[1].shareBefore, labelsPerImage], [3 / 5, 2 / 5, 1], { relative: 1e-15 });
  const probability = imageProbability(partial);
  expect(probability[3]).toBeCloseTo(1 / 4, 12);
  expectClose([probability.reduce((sum, value) => sum + value, 0)], [1], { relative: 1e-12 });
});
