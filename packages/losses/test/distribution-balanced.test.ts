import { DataError, OptionError } from '@ltml/tensor';
import { expectClose } from '@ltml/tensor/testing';
import * as tf from '@tensorflow/tfjs-core';
import { describe, expect, it } from 'vitest';
import {
  binaryCrossEntropy,
  type DistributionBalancedLossOptions,
  distributionBalancedLoss,
  distributionBalancedParts,
  focalLoss,
  type PresetName,
  presets,
  rebalancedWeights,
  repeatRate,
} from '../src/index.ts';
import * as oracle from './oracle.ts';

// An example that can be worked out by hand: three classes in 5, 50 and 500 of 1000 images, one image with two of them.
const statistics = { trainCount: 1000, classCounts: [5, 50, 500] };
const x = [[0.5, -1, 2]];
const y = [[0, 1, 1]];

function withTensors(use: (logits: tf.Tensor2D, labels: tf.Tensor2D) => void): void {
  tf.tidy(() => use(tf.tensor2d(x), tf.tensor2d(y)));
}

describe('the example', () => {
  it('has a repeat rate of 1/50 + 1/500', () => {
    withTensors((_, labels) => expectClose(repeatRate(labels, statistics).dataSync(), [0.022]));
  });

  it('has weights 0.1 + σ(10·(r − 0.2)) for r = (1/n)/0.022', () => {
    withTensors((_, labels) => {
      expectClose(rebalancedWeights(labels, statistics).dataSync(), [1.1, 1.0992, 0.3515], { absolute: 6e-5 });
    });
  });

  it('has the loss and the gradient of the paper', () => {
    withTensors((logits, labels) => {
      const db = presets.cocoMlt.DB;
      const entries = distributionBalancedLoss(logits, labels, statistics, { ...db, reduction: 'none' });
      expectClose(entries.dataSync(), [0.52576, 1.56408, 0.04461], { absolute: 5e-6 });
      expectClose(distributionBalancedLoss(logits, labels, statistics, db).dataSync(), [0.71148], { absolute: 5e-6 });
      const focal = distributionBalancedLoss(logits, labels, statistics, { reduction: 'none' });
      expectClose(focal.dataSync(), [0.39841, 1.80209, 0.00127], { absolute: 5e-6 });
      const { value, grad } = tf.valueAndGrad((s) => distributionBalancedLoss(s as tf.Tensor2D, labels, statistics))(
        logits,
      );
      expectClose(value.dataSync(), [0.73392], { absolute: 5e-6 });
      expectClose(grad.dataSync(), [0.37526, -0.60994, -0.00114], { absolute: 5e-6 });
    });
  });

  it('is regularised to x − ν for positives and λ·(x − ν) for negatives, and the weights of negatives by 1/λ', () => {
    withTensors((logits, labels) => {
      const parts = distributionBalancedParts(logits, labels, statistics);
      expectClose(parts.regularizedLogits.dataSync(), [2 * (0.5 - 0.26467), -1 - 0.14722, 2], { absolute: 1e-5 });
      expectClose(parts.weights.dataSync(), [1.1, 1.0992, 0.3515], { absolute: 6e-5 });
      expectClose(parts.regularizedWeights.dataSync(), [0.55, 1.0992, 0.3515], { absolute: 6e-5 });
    });
  });

  it('has a shift divided by λ in the reading of the released models', () => {
    withTensors((logits, labels) => {
      const ntr = { kappa: 0.05, lambda: 5, kappaDividedByLambda: true };
      const { regularizedLogits } = distributionBalancedParts(logits, labels, statistics, { ntr });
      expectClose(regularizedLogits.dataSync(), [5 * (0.5 - 0.26467 / 5), -1 - 0.14722 / 5, 2], { absolute: 1e-5 });
    });
  });
});

describe('the negative-tolerant gradient', () => {
  it('is at most 1, as that of the cross-entropy, but falls off λ times faster below the shift', () => {
    const n = [40];
    const gradient = (at: number, lambda: number): number =>
      tf.tidy(() => {
        const options: DistributionBalancedLossOptions = {
          ...presets.cocoMlt['NTR-BCE'],
          ntr: { kappa: 0.05, lambda },
        };
        const loss = (s: tf.Tensor): tf.Scalar =>
          distributionBalancedLoss(
            s as tf.Tensor2D,
            tf.zeros([1, 1]),
            { trainCount: 1000, classCounts: n },
            options,
          ) as tf.Scalar;
        return tf
          .grad(loss)(tf.tensor2d([[at]]))
          .dataSync()[0];
      });
    const shift = 0.05 * Math.log(1000 / 40 - 1);
    for (const lambda of [1, 2, 5]) {
      for (const at of [-2, -0.5, 0.3, 3]) {
        expectClose([gradient(at, lambda)], [1 / (1 + Math.exp(-lambda * (at - shift)))], { relative: 1e-5 });
      }
    }
  });
});

describe('presets', () => {
  const drawn = {
    x: [
      [1, -2, 0.5],
      [-0.3, 4, -1],
    ],
    y: [
      [1, 0, 0],
      [0, 0, 0],
    ],
  };
  const run = (name: PresetName, options: DistributionBalancedLossOptions = presets.cocoMlt[name]): number =>
    tf.tidy(
      () =>
        distributionBalancedLoss(tf.tensor2d(drawn.x), tf.tensor2d(drawn.y), statistics, {
          ...options,
          reduction: 'mean',
        }).dataSync()[0],
    );

  it('of plain losses are those losses', () => {
    tf.tidy(() => {
      const [logits, labels] = [tf.tensor2d(drawn.x), tf.tensor2d(drawn.y)];
      expectClose([run('BCE')], binaryCrossEntropy(logits, labels).dataSync());
      expectClose([run('Focal')], focalLoss(logits, labels, { balance: 2 }).dataSync());
      const classWeight = statistics.classCounts.map((n) => Math.sqrt(1000 / n));
      expectClose([run('RW')], binaryCrossEntropy(logits, labels, { classWeight }).dataSync());
    });
  });

  it.each([
    ['cocoMlt', 0.2, 2],
    ['vocMlt', 0.3, 5],
  ] as const)('of %s have its μ and λ', (data, mu, lambda) => {
    const mean = (values: number[][]): number => values.flat().reduce((a, b) => a + b, 0) / 6;
    const options = { n: statistics.classCounts, N: 1000, mu, lambda };
    expectClose(
      [run('DB-Focal', presets[data]['DB-Focal'])],
      [mean(oracle.distributionBalanced(drawn.x, drawn.y, options))],
    );
    const plain = { ...options, lambda: 1, kappa: 0, gamma: 0, balance: 1 };
    expectClose([run('R-BCE', presets[data]['R-BCE'])], [mean(oracle.distributionBalanced(drawn.x, drawn.y, plain))]);
  });
});

describe('one focal factor for the batch', () => {
  const options = { ...presets.cocoMlt['DB-Focal'], focal: { gamma: 2, balance: 2, scope: 'batch' } } as const;

  it('is (1 − e^{−m₀})^γ·m₁ of the mean and the weighted mean of the cross-entropy, and so is its gradient', () => {
    const value = (scores: readonly (readonly number[])[]): number => {
      const all = { n: statistics.classCounts, N: 1000, gamma: 0, balance: 1 };
      const weighted = oracle.distributionBalanced(scores, y, all).flat();
      const shift = statistics.classCounts.map((n) => 0.05 * Math.log(1000 / n - 1));
      const plain = scores[0].map((s, c) => {
        const z = s - shift[c];
        return Math.log1p(Math.exp(y[0][c] === 1 ? -z : 2 * z));
      });
      const mean = (values: readonly number[]): number => values.reduce((a, b) => a + b, 0) / values.length;
      return 2 * (1 - Math.exp(-mean(plain))) ** 2 * mean(weighted);
    };
    withTensors((logits, labels) => {
      const result = tf.valueAndGrad((s) => distributionBalancedLoss(s as tf.Tensor2D, labels, statistics, options))(
        logits,
      );
      expectClose(result.value.dataSync(), [value(x)], { relative: 1e-5 });
      const moved = (c: number, by: number): number[][] => [x[0].map((s, i) => (i === c ? s + by : s))];
      const differences = x[0].map((_, c) => (value(moved(c, 1e-5)) - value(moved(c, -1e-5))) / 2e-5);
      expectClose(result.grad.dataSync(), differences, { relative: 1e-4 });
    });
  });

  it('leaves out unknown entries, is finite at ±100 and leaves no tensor behind', () => {
    const [logits, labels, known] = [[[100, -100, 3]], y, [[1, 1, 0]]].map((values) => tf.tensor2d(values));
    const before = tf.memory().numTensors;
    const loss = (s: tf.Tensor): tf.Scalar =>
      distributionBalancedLoss(s as tf.Tensor2D, labels, statistics, { ...options, known });
    const { value, grad } = tf.valueAndGrad(loss)(logits);
    expect(tf.memory().numTensors).toBe(before + 2);
    expect([...value.dataSync(), ...grad.dataSync()].every(Number.isFinite)).toBe(true);
    expect(grad.dataSync()[2] + 0).toBe(0);
    tf.dispose([logits, labels, known, value, grad]);
  });

  it('has no other reduction than the mean', () => {
    withTensors((logits, labels) => {
      const call = () => distributionBalancedLoss(logits, labels, statistics, { ...options, reduction: 'sum' });
      expect(call).toThrow(OptionError);
      expect(call).toThrow(/options\.reduction should be "mean" with focal\.scope "batch"/);
    });
  });
});

describe('statistics that make no sense', () => {
  it.each([
    [[0, 50, 500], /classCounts\[0\] should be in \[1, 999\].*got 0\. .*clampCounts/],
    [[5, 50, 1000], /classCounts\[2\] should be in \[1, 999\]/],
  ])('are refused: %j', (classCounts, message) => {
    withTensors((logits, labels) => {
      const bad = { trainCount: 1000, classCounts };
      expect(() => distributionBalancedLoss(logits, labels, bad)).toThrow(DataError);
      expect(() => distributionBalancedLoss(logits, labels, bad)).toThrow(message);
      const clamped = classCounts.map((n) => Math.min(Math.max(n, 1), 999));
      const expected = distributionBalancedLoss(logits, labels, { trainCount: 1000, classCounts: clamped });
      expectClose(distributionBalancedLoss(logits, labels, bad, { clampCounts: true }).dataSync(), expected.dataSync());
    });
  });

  it('are refused: of another number of classes', () => {
    withTensors((logits, labels) => {
      const call = () => distributionBalancedLoss(logits, labels, { trainCount: 10, classCounts: [1, 2] });
      expect(call).toThrow(/statistics should be counts of C = 3 classes/);
    });
  });

  it('are not looked at where the loss does not use them', () => {
    withTensors((logits, labels) => {
      const none = { trainCount: 10, classCounts: [0, 0, 0] };
      expect(() => distributionBalancedLoss(logits, labels, none, presets.cocoMlt.BCE)).not.toThrow();
    });
  });
});

it.each([
  { reweight: { by: 'balance' } },
  { reweight: { by: 'rebalance', gamma: 1 } },
  { reweight: { by: 'rebalance', beta: 0 } },
  { reweight: { by: 'classBalanced', beta: 1 } },
  { reweight: { by: 'classBalanced', mode: 'least' } },
  { ntr: { lambda: 0 } },
  { ntr: { nu: 1 } },
  { focal: { gamma: -1 } },
  { focal: { scope: 'image' } },
  { weightNorm: 'row' },
  { lossWeight: Number.NaN },
])('refuses %j', (options) => {
  withTensors((logits, labels) => {
    const given = options as unknown as DistributionBalancedLossOptions;
    expect(() => distributionBalancedLoss(logits, labels, statistics, given)).toThrow(OptionError);
  });
});
