import { OptionError, RandomStream, ShapeError } from '@ltml/tensor';
import { expectClose } from '@ltml/tensor/testing';
import * as tf from '@tensorflow/tfjs-core';
import { describe, expect, it } from 'vitest';
import {
  classBalancedWeights,
  effectiveNumber,
  negativeTolerantShift,
  rebalancedWeights,
  repeatRate,
  reweight,
} from '../src/index.ts';

const statistics = { trainCount: 8, classCounts: [1, 2, 4] };
const rows = [
  [1, 0, 1],
  [0, 0, 0],
  [0, 1, 0],
];

describe('classBalancedWeights', () => {
  // β = ½: E(n) = ½/(1 − 2^{−n}) is 1, 2/3 and 8/15 for 1, 2 and 4 images; E(2.5) for their mean.
  const half = 0.5;
  const between = half / (1 - half ** 2.5);
  it.each([
    ['byClass', [1, 2 / 3, 8 / 15]],
    ['averageW', [(1 + 8 / 15) / 2, 0.5, 2 / 3]],
    ['averageN', [between, 0.5, 2 / 3]],
    ['minN', [1, 0.5, 2 / 3]],
  ] as const)('weighs %s, an image without positives by 1 − β', (mode, expected) => {
    tf.tidy(() => {
      const weights = classBalancedWeights(tf.tensor2d(rows), statistics, { beta: half, mode });
      expect(weights.shape).toEqual(mode === 'byClass' ? [1, 3] : [3, 1]);
      expectClose(weights.dataSync(), expected, { relative: 1e-5 });
    });
  });

  it('keeps its digits where β is close to 1', () => {
    tf.tidy(() => {
      const weights = classBalancedWeights(tf.tensor2d(rows), statistics, { beta: 0.9999, mode: 'minN' });
      expectClose(weights.dataSync(), [1, 1e-4, 1e-4 / (1 - 0.9999 ** 2)], { relative: 1e-5, absolute: 0 });
    });
  });

  it('leaves images alone for β = 0', () => {
    tf.tidy(() => {
      for (const mode of ['byClass', 'averageW', 'averageN', 'minN'] as const) {
        expect(new Set(classBalancedWeights(tf.tensor2d(rows), statistics, { beta: 0, mode }).dataSync())).toEqual(
          new Set([1]),
        );
      }
    });
  });
});

describe('rebalancedWeights', () => {
  it('is 1 + α in a row without positives and the same for an image of one class, whatever the class', () => {
    tf.tidy(() => {
      const weights = rebalancedWeights(tf.tensor2d(rows), statistics, { alpha: 0.3, beta: 4, mu: 0.5 }).arraySync();
      expectClose(weights[1], [1.3, 1.3, 1.3]);
      expectClose([weights[2][1]], [0.3 + 1 / (1 + Math.exp(-4 * 0.5))]);
    });
  });

  it('equals the formula in doubles for more classes than a vector instruction takes, rows without positives too', () => {
    const random = new RandomStream(3);
    const [B, C] = [6, 77];
    const labels = Array.from({ length: B }, (_, b) =>
      Array.from({ length: C }, () => (b === 4 ? 0 : Number(random.uniform() < 0.1))),
    );
    const classCounts = Array.from({ length: C }, (_, c) => Math.ceil(500 / (c + 1)));
    const expected = labels.flatMap((row) => {
      const rate = row.reduce((sum, label, c) => sum + label / classCounts[c], 0);
      return classCounts.map((n) => 0.2 + 1 / (1 + Math.exp(-7 * (1 / n / rate - 0.4))));
    });
    tf.tidy(() => {
      const options = { alpha: 0.2, beta: 7, mu: 0.4 };
      const weights = rebalancedWeights(tf.tensor2d(labels), { trainCount: 600, classCounts }, options);
      expectClose(weights.dataSync(), expected, { relative: 5e-6 });
    });
  });

  it('leaves no tensor behind', () => {
    const labels = tf.tensor2d(rows);
    const before = tf.memory().numTensors;
    tf.dispose([
      repeatRate(labels, statistics),
      rebalancedWeights(labels, statistics),
      classBalancedWeights(labels, statistics),
    ]);
    expect(tf.memory().numTensors).toBe(before);
    labels.dispose();
  });
});

it('reweights by N/n and √(N/n)', () => {
  tf.tidy(() => {
    const labels = tf.tensor2d(rows);
    expectClose(reweight(labels, statistics, { by: 'inv' })?.dataSync() ?? [], [8, 4, 2]);
    expectClose(reweight(labels, statistics, { by: 'sqrtInv' })?.dataSync() ?? [], [Math.sqrt(8), 2, Math.sqrt(2)]);
    expect(reweight(labels, statistics, { by: 'none' })).toBeUndefined();
  });
});

it('counts effective samples: 1 of 1, 1 + β of 2, at most 1/(1 − β), and all of them for β = 1', () => {
  expectClose(
    [1, 2, 1e9].map((n) => effectiveNumber(n, 0.9)),
    [1, 1.9, 10],
    { relative: 1e-12 },
  );
  expectClose([effectiveNumber(7, 1), effectiveNumber(7, 0), effectiveNumber(3, 0.999999)], [7, 1, 2.999997000001], {
    relative: 1e-9,
  });
});

it('shifts by κ·log(N/n − 1), positive for classes in less than half of the images', () => {
  const shift = negativeTolerantShift(statistics, { kappa: 0.5, lambda: 2, kappaDividedByLambda: true });
  expectClose(shift, [0.25 * Math.log(7), 0.25 * Math.log(3), 0], { relative: 1e-12 });
});

it('refuses labels of another shape and unknown options', () => {
  tf.tidy(() => {
    expect(() => repeatRate(tf.tensor1d([1, 0, 1]) as unknown as tf.Tensor2D, statistics)).toThrow(ShapeError);
    expect(() => rebalancedWeights(tf.tensor2d([[1, 0]]), statistics)).toThrow(OptionError);
    expect(() => rebalancedWeights(tf.tensor2d(rows), statistics, { gamma: 1 } as object)).toThrow(/alpha, beta, mu/);
  });
});
