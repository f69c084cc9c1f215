import { OptionError, RandomStream } from '@ltml/tensor';
import { expectClose } from '@ltml/tensor/testing';
import * as tf from '@tensorflow/tfjs-core';
import { describe, expect, it } from 'vitest';
import { type AsymmetricLossOptions, asymmetricLoss, asymmetricLossSingleLabel } from '../src/index.ts';

/** Value and gradient of one entry, on the host or as ops: `none` is never computed on the host. */
function entry(
  logit: number,
  label: number,
  options: AsymmetricLossOptions,
  reduction: 'sum' | 'none',
): [number, number] {
  return tf.tidy(() => {
    const labels = tf.tensor2d([[label]]);
    const loss = (s: tf.Tensor): tf.Scalar =>
      tf.sum(asymmetricLoss(s as tf.Tensor2D, labels, { ...options, reduction }));
    const { value, grad } = tf.valueAndGrad(loss)(tf.tensor2d([[logit]]));
    return [value.dataSync()[0], grad.dataSync()[0]];
  });
}

describe.each(['sum', 'none'] as const)('asymmetricLoss, %s', (reduction) => {
  it('is ½·log 2 for a positive at a logit of 0, with a gradient of −¼', () => {
    // −(1 − p)·log p, and −(1 − p)² with a constant factor.
    expectClose(entry(0, 1, {}, reduction), [Math.LN2 / 2, -0.25]);
  });

  it('is 0.45⁴·log(1/0.55) for a negative at a logit of 0', () => {
    const slope = (0.45 ** 4 * 0.25) / 0.55;
    expectClose(entry(0, 0, {}, reduction), [-(0.45 ** 4) * Math.log(0.55), slope]);
  });

  it('costs and teaches nothing for a negative below the clip', () => {
    expect(entry(-4, 0, {}, reduction).map((v) => v + 0)).toEqual([0, 0]);
  });

  it('stops at log ε with a gradient of 0 for positives below a logit of −18.4', () => {
    expectClose(entry(-19, 1, {}, reduction), [-Math.log(1e-8), 0]);
    expect(entry(-18, 1, {}, reduction)[1]).toBeLessThan(-0.99);
  });

  it('stops at log ε with a gradient of 0 for negatives whose 1 − p is 0 in float32, without a clip', () => {
    expectClose(entry(30, 0, { clip: 0 }, reduction), [-Math.log(1e-8), 0]);
  });
});

it('sums over the batch unless it is told otherwise', () => {
  tf.tidy(() => {
    const [logits, labels] = [
      tf.tensor2d([
        [1, -1],
        [0.5, 2],
      ]),
      tf.tensor2d([
        [0, 1],
        [1, 0],
      ]),
    ];
    const sum = asymmetricLoss(logits, labels).dataSync()[0];
    expectClose(asymmetricLoss(logits, labels, { reduction: 'mean' }).dataSync(), [sum / 4]);
  });
});

it.each([{ clip: 1.5 }, { epsilon: 0 }, { gammaNegative: -1 }, { gammaPositive: Number.NaN }])(
  'refuses %j',
  (options) => {
    expect(() => entry(0, 0, options, 'sum')).toThrow(OptionError);
  },
);

describe.each([
  [
    'asymmetricLoss',
    (x: tf.Tensor2D, y: tf.Tensor2D, reduction: 'sum' | 'none') => asymmetricLoss(x, y, { reduction }),
  ],
  [
    'asymmetricLoss with other exponents and a mask',
    (x: tf.Tensor2D, y: tf.Tensor2D, reduction: 'sum' | 'none') => {
      const options = { gammaPositive: 0.3, gammaNegative: 2.7, factorGradient: true, clip: 0, known: everyOther(x) };
      return asymmetricLoss(x, y, { ...options, reduction });
    },
  ],
  [
    'asymmetricLossSingleLabel',
    (x: tf.Tensor2D, y: tf.Tensor2D, reduction: 'sum' | 'none') => asymmetricLossSingleLabel(x, y, { reduction }),
  ],
  [
    'asymmetricLossSingleLabel with other exponents',
    (x: tf.Tensor2D, y: tf.Tensor2D, reduction: 'sum' | 'none') =>
      asymmetricLossSingleLabel(x, y, { gammaPositive: 1.4, gammaNegative: 0.6, reduction }),
  ],
] as const)('%s', (_, loss) => {
  // One value comes from the engine's kernel or from the host, the other is composed of ops. At larger logits 1 − p has
  // lost the digits that they could agree in.
  it.each([31, 300, 1000])('is the same by every way that an engine has, %d classes', (C) => {
    const random = new RandomStream(C);
    tf.tidy(() => {
      const logits = tf.tensor2d(
        Float32Array.from({ length: 3 * C }, () => random.normal(0, 1.5)),
        [3, C],
      );
      const labels = tf.oneHot(tf.tensor1d([0, C - 1, C >> 1], 'int32'), C) as tf.Tensor2D;
      const y = tf.cast(labels, 'float32');
      const whole = tf.valueAndGrad((x) => loss(x as tf.Tensor2D, y, 'sum'))(logits);
      const parts = tf.valueAndGrad((x) => tf.sum(loss(x as tf.Tensor2D, y, 'none')))(logits);
      expectClose(whole.value.dataSync(), parts.value.dataSync(), { relative: 1e-5 });
      expectClose(whole.grad.dataSync(), parts.grad.dataSync(), { relative: 2e-5, absolute: 1e-7 });
    });
  });
});

function everyOther({ shape }: tf.Tensor2D): tf.Tensor2D {
  return tf.tensor2d(
    Float32Array.from({ length: shape[0] * shape[1] }, (_, i) => i % 2),
    shape,
  );
}

it('over a softmax is the smoothed cross-entropy where both exponents are 0', () => {
  tf.tidy(() => {
    const loss = asymmetricLossSingleLabel(tf.tensor2d([[0, 0]]), tf.tensor2d([[1, 0]]), {
      gammaNegative: 0,
      smoothing: 0.2,
    });
    expectClose(loss.dataSync(), [Math.LN2]);
    const focused = asymmetricLossSingleLabel(tf.tensor2d([[0, 0]]), tf.tensor2d([[1, 0]]), {
      gammaNegative: 2,
      smoothing: 0.2,
    });
    // 0.9·log 2 at the target, 0.1·½²·log 2 beside it.
    expectClose(focused.dataSync(), [(0.9 + 0.1 / 4) * Math.LN2]);
  });
});
