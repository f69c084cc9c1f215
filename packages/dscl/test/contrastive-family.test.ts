import { DataError, OptionError, RandomStream, ShapeError } from '@ltml/tensor';
import { expectClose } from '@ltml/tensor/testing';
import * as tf from '@tensorflow/tfjs-core';
import { describe, expect, it } from 'vitest';
import {
  balancedContrastive,
  bclLoss,
  gpacoLoss,
  pacoLoss,
  procoLogits,
  procoLoss,
  procoStep,
  startVmf,
  vmfConcentration,
  vmfEstimator,
} from '../src/index.ts';

const statistics = { trainCount: 20, classCounts: [15, 4, 1] };

/** Rows of length 1. */
function unitRows(seed: number, rows: number, D: number): number[][] {
  const random = new RandomStream(seed);
  return Array.from({ length: rows }, () => {
    const row = Array.from({ length: D }, () => random.normal());
    const norm = Math.hypot(...row);
    return row.map((x) => x / norm);
  });
}

const dot = (a: readonly number[], b: readonly number[]): number => a.reduce((sum, x, i) => sum + x * b[i], 0);

it('gives every class the same part in the denominator', () => {
  const [views, centres, labels] = [unitRows(1, 6, 4), unitRows(2, 3, 4), [0, 0, 2]];
  const keys = [...views, ...centres];
  const classes = [...labels, ...labels, 0, 1, 2];
  const losses = views.map((anchor, i) => {
    const s = keys.map((key) => dot(anchor, key) / 0.2);
    const others = (c: number): number[] => keys.flatMap((_, j) => (j !== i && classes[j] === c ? [j] : []));
    const Z = [0, 1, 2].reduce((sum, c) => {
      const own = others(c);
      return sum + own.reduce((part, j) => part + Math.exp(s[j]), 0) / own.length;
    }, 0);
    const positives = others(classes[i]);
    return positives.reduce((sum, j) => sum + Math.log(Z) - s[j], 0) / positives.length;
  });
  tf.tidy(() => {
    const features = tf.transpose(tf.tensor3d([views.slice(0, 3), views.slice(3)]), [1, 0, 2]) as tf.Tensor3D;
    const value = balancedContrastive(features, tf.tensor2d(centres), tf.tensor1d(labels, 'int32'), {
      temperature: 0.2,
    });
    expectClose(value.dataSync(), [losses.reduce((a, b) => a + b, 0) / 6], { relative: 1e-5 });
  });
});

it('weighs classifier and keys, with one class as with several', () => {
  const [rows, labels, x] = [unitRows(3, 5, 4), [0, 1, 0, 1, 1], [0.3, -1]];
  const s = rows.map((key) => dot(rows[0], key) / 0.2);
  const Z =
    Math.exp(x[0] + Math.log(0.75)) +
    Math.exp(x[1] + Math.log(0.25)) +
    0.5 * Math.exp(s[1]) +
    0.5 * (Math.exp(s[2]) + Math.exp(s[3]) + Math.exp(s[4]));
  const expected = (Math.log(Z) - (x[0] + Math.log(0.75)) + 0.1 * (Math.log(Z) - s[2])) / 1.1;
  tf.tidy(() => {
    const [features, of] = [tf.tensor2d(rows), tf.tensor1d(labels, 'int32')];
    const counts = { trainCount: 4, classCounts: [3, 1] };
    const value = pacoLoss(features, of, tf.tensor2d([x]), counts, { alpha: 0.1, gamma: 0.5 });
    expectClose(value.dataSync(), [expected], { relative: 1e-5 });
    const smoothed = gpacoLoss(features, of, tf.tensor2d([x]), counts, { alpha: 0.1, gamma: 0.5, smoothing: 1 });
    const turned = (Math.log(Z) - (x[1] + Math.log(0.25)) + 0.1 * (Math.log(Z) - s[2])) / 1.1;
    expectClose(smoothed.dataSync(), [turned], { relative: 1e-5 });
  });
});

describe('the estimator', () => {
  it('has the mean of all features of a class, and leaves unseen classes at their start', () => {
    tf.tidy(() => {
      const start = startVmf({ classes: 3, features: 4, random: new RandomStream(0) });
      expectClose(tf.norm(start.mean, 2, 1).dataSync(), [0.9, 0.9, 0.9], { relative: 1e-6 });
      const rows = unitRows(4, 3, 4);
      const once = vmfEstimator(start, tf.tensor2d(rows.slice(0, 2)), tf.tensor1d([0, 0], 'int32'));
      const twice = vmfEstimator(once, tf.tensor2d(rows.slice(2)), tf.tensor1d([0], 'int32'));
      const mean = [0, 1, 2, 3].map((d) => (rows[0][d] + rows[1][d] + rows[2][d]) / 3);
      const others = Array.from(start.mean.dataSync()).slice(4);
      expectClose(twice.mean.dataSync(), [...mean, ...others], { relative: 1e-5 });
      expect(Array.from(twice.counts.dataSync())).toEqual([3, 0, 0]);
      const nothing = vmfEstimator(twice, tf.tensor2d([], [0, 4]), tf.tensor1d([], 'int32'));
      const odd = tf.tensor2d([[1, 0, Number.NaN, 0]]);
      expect(() => vmfEstimator(twice, odd, tf.tensor1d([0], 'int32'))).toThrow('got NaN at [0,2]');
      expect(nothing.mean.dataSync()).toEqual(twice.mean.dataSync());
    });
  });

  it('bounds the concentration of a class seen once, and may read it as the paper prints it', () => {
    tf.tidy(() => {
      const mean = tf.tensor2d([
        [1, 0, 0, 0],
        [0.5, 0, 0, 0],
        [0, 0, 0, 0],
      ]);
      const state = { mean, counts: tf.ones<tf.Rank.R1>([3]) };
      expectClose(vmfConcentration(state), [1e5, (4 * 0.5) / 0.75, 0]);
      expectClose(vmfConcentration(state, { kappa: 'banerjee', largest: 50 }), [50, (0.5 * 3.75) / 0.75, 0]);
    });
  });
});

it('has logits of endlessly many keys: their derivatives by differences, without concentration too', () => {
  const D = 6;
  const [z, random] = [unitRows(5, 2, D), new RandomStream(6)];
  tf.tidy(() => {
    const directions = unitRows(7, 3, D);
    const mean = tf.tensor2d(directions.map((row, c) => row.map((x) => x * [0, 0.6, 0.999][c])));
    const state = { mean, counts: tf.ones<tf.Rank.R1>([3]) };
    const weights = tf.tensor2d(
      Array.from({ length: 6 }, () => random.normal()),
      [2, 3],
    );
    const of = (rows: number[][]): tf.Scalar =>
      tf.sum(tf.mul(procoLogits(tf.tensor2d(rows), state, { temperature: 0.5 }), weights));
    const gradient = tf.grad((x) =>
      tf.sum(tf.mul(procoLogits(x as tf.Tensor2D, state, { temperature: 0.5 }), weights)),
    )(tf.tensor2d(z));
    const step = 1e-2;
    const differences = z.flatMap((row, b) =>
      row.map((_, d) => {
        const moved = (by: number): number[][] => z.map((r, i) => r.map((v, j) => (i === b && j === d ? v + by : v)));
        return (of(moved(step)).dataSync()[0] - of(moved(-step)).dataSync()[0]) / (2 * step);
      }),
    );
    expectClose(gradient.dataSync(), differences, { relative: 5e-3, absolute: 2e-3 });
  });
});

it('steps through two views: the second sees both, and nothing is left behind', () => {
  const before = tf.memory().numTensors;
  const older = startVmf({ classes: 3, features: 8, random: new RandomStream(0) });
  const newer = startVmf({ classes: 3, features: 8, random: new RandomStream(1) });
  const views = [tf.tensor2d(unitRows(8, 4, 8)), tf.tensor2d(unitRows(9, 4, 8))] as [tf.Tensor2D, tf.Tensor2D];
  const labels = tf.tensor1d([0, 1, 1, 2], 'int32');
  const held = tf.memory().numTensors;
  const { seen, estimators } = procoStep({ older, newer }, views, labels);
  expect(estimators.older).toBe(seen[1]);
  expect(Array.from(seen[0].counts.dataSync())).toEqual([1, 2, 1]);
  expect(Array.from(estimators.newer.counts.dataSync())).toEqual([2, 4, 2]);
  const loss = procoLoss(views, labels, seen, statistics);
  expect(Number.isFinite(loss.dataSync()[0])).toBe(true);
  loss.dispose();
  tf.dispose([...seen.flatMap(({ mean, counts }) => [mean, counts]), estimators.newer.mean, estimators.newer.counts]);
  expect(tf.memory().numTensors).toBe(held);
  tf.dispose([older, newer, views, labels]);
  expect(tf.memory().numTensors).toBe(before);
});

it('is 0 of no images, with a gradient of 0', () => {
  tf.tidy(() => {
    const [rows, none] = [tf.zeros<tf.Rank.R2>([0, 4]), tf.tensor1d([], 'int32')];
    const centres = tf.ones<tf.Rank.R2>([3, 4]);
    const logits = tf.zeros<tf.Rank.R2>([0, 3]);
    const pairs = tf.zeros<tf.Rank.R3>([0, 2, 4]);
    const bcl = tf.valueAndGrads((f, c, x) =>
      bclLoss(f as tf.Tensor3D, c as tf.Tensor2D, x as tf.Tensor2D, none, statistics),
    );
    const paco = tf.valueAndGrads((f, x) => pacoLoss(f as tf.Tensor2D, none, x as tf.Tensor2D, statistics));
    for (const { value, grads } of [bcl([pairs, centres, logits]), paco([rows, logits])]) {
      expect(value.dataSync()[0]).toBe(0);
      for (const grad of grads) expect(Array.from(grad.dataSync()).every((g) => g === 0)).toBe(true);
    }
  });
});

it('refuses shapes, labels and options that make no sense', () => {
  tf.tidy(() => {
    const [features, labels] = [tf.ones<tf.Rank.R2>([4, 4]), tf.tensor1d([0, 1, 2, 0], 'int32')];
    const logits = tf.zeros<tf.Rank.R2>([2, 3]);
    const paco =
      (options: object, of = labels, x = logits) =>
      () =>
        pacoLoss(features, of, x, statistics, options);
    expect(paco({ temperature: 0 })).toThrow(OptionError);
    expect(paco({ smoothing: 0.1 })).toThrow(OptionError);
    expect(paco({}, tf.tensor1d([0, 1, 3, 0], 'int32'))).toThrow(DataError);
    expect(paco({}, labels, tf.zeros([5, 3]))).toThrow(OptionError);
    expect(() => gpacoLoss(features, labels, logits, null, { smoothing: 2 })).toThrow(OptionError);
    const three = tf.ones<tf.Rank.R3>([1, 3, 4]);
    const one = tf.tensor1d([0], 'int32');
    expect(() => balancedContrastive(three, tf.ones([3, 4]), one)).toThrow(ShapeError);
    const odd = { mean: tf.ones<tf.Rank.R2>([3, 5]), counts: tf.ones<tf.Rank.R1>([3]) };
    expect(() => procoLogits(tf.ones([1, 5]), odd)).toThrow(/even D of at least 4, got 5/);
  });
});
