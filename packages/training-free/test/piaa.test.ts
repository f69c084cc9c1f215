import { RandomStream, ShapeError } from '@ltml/tensor';
import { expectClose } from '@ltml/tensor/testing';
import {
  addToBank,
  type Bank,
  emptyBank,
  gaussianClassifier,
  learnFromBank,
  patchClasses,
  patchOutliers,
  piaaScore,
} from '@ltml/training-free';
import * as tf from '@tensorflow/tfjs-core';
import { expect, it } from 'vitest';
import { normal, unitRows } from './support.ts';

const [C, D, k] = [3, 5, 8];
const text = unitRows(C, D, 1);
const patches = normal<tf.Rank.R2>([40, D], 2);

function bankOf(rows: tf.Tensor2D, batches: number): Bank {
  let bank = emptyBank(C, k, D);
  for (const some of tf.split<tf.Tensor2D>(rows, batches)) bank = addToBank(bank, patchClasses(some, text));
  return bank;
}

it('keeps the same patches whatever their order and their batches', () => {
  const order = new RandomStream(3).permutation(40);
  const shuffled = tf.gather<tf.Tensor2D>(patches, tf.tensor1d([...order], 'int32'));
  const [whole, parted] = [bankOf(patches, 1), bankOf(shuffled, 8)];
  expectClose(parted.features.dataSync(), whole.features.dataSync(), { absolute: 1e-5 });
  expectClose(parted.weights.dataSync(), whole.weights.dataSync(), { absolute: 1e-5 });
});

it('leaves places free where a class has too few patches', () => {
  const bank = bankOf(tf.slice(patches, [0, 0], [1, D]), 1);
  expect(bank.weights.dataSync().filter((weight) => weight > 0)).toHaveLength(1);
});

it('keeps nothing of patches without a number, nor of none', () => {
  const odd = tf.tensor2d([Number.NaN, 1, 0, 0, 0, Infinity, 0, 0, 0, 0], [2, D]);
  const [clean, mixed] = [bankOf(patches, 1), addToBank(bankOf(patches, 1), patchClasses(odd, text))];
  for (const part of ['features', 'weights', 'entropies'] as const) {
    expect(mixed[part].dataSync()).toEqual(clean[part].dataSync());
  }
  const before = tf.memory().numTensors;
  const same = addToBank(clean, patchClasses(tf.zeros([0, D]), text));
  expect(same.features.dataSync()).toEqual(clean.features.dataSync());
  expect(tf.memory().numTensors).toBe(before + 3 + 4 + 1);
  const stray = { ...patchClasses(patches, text), classes: tf.fill<tf.Rank.R1>([40], C, 'int32') };
  expect(() => addToBank(clean, stray)).toThrow(`whole numbers from 0 to ${C - 1}, got ${C} at [0]`);
  for (const size of [0, -1, 1.5, Number.NaN])
    expect(() => emptyBank(C, size, D)).toThrow('k should be a whole number');
});

it('solves a second time from patches that it is sure of', async () => {
  const { classifier, first, kept } = await learnFromBank(bankOf(patches, 2), text, { temperature: 0.01 });
  expect(kept.places.length).toBeLessThan(3 * k);
  expect(classifier.weight).not.toEqual(first.weight);
  const one = await learnFromBank(bankOf(patches, 2), text, { temperature: 0.01, passes: 1 });
  expect(one.classifier.weight).toEqual(first.weight);
});

it('says so when no patch is sure, or takes the first classifier', async () => {
  // Of two patches neither is a deviation above their mean.
  const two = tf.add<tf.Tensor2D>(tf.tile(text, [2, 1]), normal([2 * C, D], 4, 0.1));
  const bank = addToBank(emptyBank(C, 2, D), patchClasses(two, text));
  await expect(learnFromBank(bank, text, { temperature: 0.01 })).rejects.toThrow(/temperature.*onEmpty: 'first'/);
  const { classifier, first } = await learnFromBank(bank, text, { temperature: 0.01, onEmpty: 'first' });
  expect(classifier).toBe(first);
});

it('is sure of the only class there is', () => {
  const { classes, probabilities, entropies } = patchClasses(patches, unitRows(1, D, 11));
  expect([classes, probabilities, entropies].map((x) => x.dataSync().every((v, _, all) => v === all[0]))).toEqual([
    true,
    true,
    true,
  ]);
  expect([probabilities.dataSync()[0], entropies.dataSync()[0] + 0]).toEqual([1, 0]);
});

it('needs patches that differ', async () => {
  const same = { features: tf.tile(unitRows(1, D, 5), [4, 1]), classes: [0, 0, 0, 0], weights: [1, 1, 1, 1] };
  await expect(gaussianClassifier(same, text)).rejects.toThrow('differ from the mean');
  const single = { features: unitRows(1, D, 5), classes: [0], weights: [1] };
  await expect(gaussianClassifier(single, text)).rejects.toThrow('at least two');
  await expect(gaussianClassifier({ ...same, classes: [0, 0, 0, 9] }, text)).rejects.toThrow('from 0 to 2');
});

it('finds no outlier in a single patch, nor among equal ones', () => {
  expect(patchOutliers(normal<tf.Rank.R3>([2, 1, 4], 6)).outliers.arraySync()).toEqual([[0], [0]]);
  expect(
    patchOutliers(tf.ones([1, 9, 4]))
      .outliers.dataSync()
      .every((entry) => entry === 0),
  ).toBe(true);
});

it('does not look at the order of patches', () => {
  const [features, given] = [normal<tf.Rank.R2>([2, D], 7), normal<tf.Rank.R3>([2, 6, D], 8)];
  const classes = { text, weight: normal<tf.Rank.R2>([D, C], 9), bias: normal<tf.Rank.R1>([C], 10) };
  const options = { imageScale: 80, patchScale: 200 };
  const score = (rows: tf.Tensor3D) => piaaScore({ features, patches: rows }, classes, options).score.dataSync();
  expectClose(score(tf.reverse(given, 1)), score(given), { absolute: 1e-6 });
});

it('scores no images, and refuses images without patches', () => {
  tf.tidy(() => {
    const classes = { text, weight: tf.ones<tf.Rank.R2>([D, C]), bias: tf.zeros<tf.Rank.R1>([C]) };
    const score = (B: number, N: number) =>
      piaaScore({ features: tf.zeros([B, D]), patches: tf.zeros([B, N, D]) }, classes, {
        imageScale: 80,
        patchScale: 200,
      });
    expect(score(0, 4).score.shape).toEqual([0, C]);
    expect(() => score(2, 0)).toThrow(ShapeError);
  });
});
