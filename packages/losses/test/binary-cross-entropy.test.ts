import { OptionError, RandomStream, ShapeError } from '@ltml/tensor';
import { expectClose } from '@ltml/tensor/testing';
import * as tf from '@tensorflow/tfjs-core';
import fc from 'fast-check';
import { expect, it } from 'vitest';
import {
  asymmetricLoss,
  type BinaryCrossEntropyOptions,
  binaryCrossEntropy,
  focalLoss,
  ldamLoss,
  partialBinaryCrossEntropy,
  partialBinaryCrossEntropyPerImage,
} from '../src/index.ts';

const x = [
  [0, 2],
  [-1, 3],
];
const y = [
  [1, 0],
  [0, 1],
];
const softplus = (t: number): number => Math.log1p(Math.exp(t));
const entries = [softplus(0), softplus(2), softplus(-1), softplus(-3)];

function run(options: BinaryCrossEntropyOptions): number[] {
  return tf.tidy(() => Array.from(binaryCrossEntropy(tf.tensor2d(x), tf.tensor2d(y), options).dataSync()));
}

it('is softplus(−x) for what is present and softplus(x) for what is absent', () => {
  expectClose(run({ reduction: 'none' }), entries);
  expectClose(run({}), [entries.reduce((a, b) => a + b) / 4]);
});

it('has the gradient σ(x) − y, ½ at a logit of 0', () => {
  tf.tidy(() => {
    const gradient = (options: BinaryCrossEntropyOptions): Float32Array =>
      tf
        .grad((s) => tf.sum(binaryCrossEntropy(s as tf.Tensor2D, tf.zeros([1, 2]), options)))(tf.tensor2d([[0, 0]]))
        .dataSync() as Float32Array;
    for (const reduction of ['none', 'sum'] as const) expect(Array.from(gradient({ reduction }))).toEqual([0.5, 0.5]);
  });
});

it('weighs entries, classes and positives, and divides by their number all the same', () => {
  const weight = tf.tensor2d([
    [1, 2],
    [3, 4],
  ]);
  expectClose(run({ weight, reduction: 'sum' }), [entries[0] + 2 * entries[1] + 3 * entries[2] + 4 * entries[3]]);
  expectClose(run({ weight }), [(entries[0] + 2 * entries[1] + 3 * entries[2] + 4 * entries[3]) / 4]);
  expectClose(run({ classWeight: [2, 5], reduction: 'none' }), [
    2 * entries[0],
    5 * entries[1],
    2 * entries[2],
    5 * entries[3],
  ]);
  expectClose(run({ positiveWeight: [2, 5], reduction: 'none' }), [
    2 * entries[0],
    entries[1],
    entries[2],
    5 * entries[3],
  ]);
  expectClose(run({ divisor: 7, lossWeight: 2 }), [(2 * entries.reduce((a, b) => a + b)) / 7]);
  weight.dispose();
});

it('drops positives above and negatives below their thresholds', () => {
  // σ(0) = 0.5, σ(2) = 0.88, σ(−1) = 0.27, σ(3) = 0.95.
  expectClose(run({ thresholds: [0.3, 0.9], reduction: 'none' }), [entries[0], entries[1], 0, 0]);
  expectClose(run({ thresholds: [0, 1], reduction: 'none' }), entries);
});

it('takes soft labels', () => {
  tf.tidy(() => {
    const soft = binaryCrossEntropy(tf.tensor2d([[1.5]]), tf.tensor2d([[0.3]]));
    expectClose(soft.dataSync(), [0.3 * softplus(-1.5) + 0.7 * softplus(1.5)]);
    const weighted = binaryCrossEntropy(tf.tensor2d([[1.5]]), tf.tensor2d([[0.3]]), { positiveWeight: [4] });
    expectClose(weighted.dataSync(), [4 * 0.3 * softplus(-1.5) + 0.7 * softplus(1.5)]);
  });
});

it('takes integer and boolean labels', () => {
  tf.tidy(() => {
    for (const dtype of ['int32', 'bool'] as const) {
      expectClose(binaryCrossEntropy(tf.tensor2d(x), tf.tensor2d(y, [2, 2], dtype)).dataSync(), run({}));
      expectClose(
        focalLoss(tf.tensor2d(x), tf.tensor2d(y, [2, 2], dtype), { reduction: 'none' }).dataSync(),
        focalLoss(tf.tensor2d(x), tf.tensor2d(y), { reduction: 'none' }).dataSync(),
      );
    }
  });
});

it.each([
  [{ classWeight: [1] }, ShapeError, /options\.classWeight should be \[C\] = \[2\]/],
  [{ divisor: 3, reduction: 'sum' }, OptionError, /left out, or combined with reduction "mean"/],
  [{ divisor: 0 }, OptionError, /options\.divisor/],
  [{ thresholds: [0.2, 1.2] }, OptionError, /options\.thresholds\[1\] should be a finite number in \[0, 1\], got 1\.2/],
] as const)('refuses %j', (options, kind, message) => {
  expect(() => run(options as BinaryCrossEntropyOptions)).toThrow(kind);
  expect(() => run(options as BinaryCrossEntropyOptions)).toThrow(message);
});

it('is what focal, asymmetric and margin losses become without focus, shift and margin', () => {
  fc.assert(
    fc.property(fc.integer({ min: 0, max: 1e6 }), (seed) => {
      tf.tidy(() => {
        const random = new RandomStream(seed);
        const draw = (next: () => number): tf.Tensor2D => tf.tensor2d(Float32Array.from({ length: 15 }, next), [3, 5]);
        const [logits, labels] = [draw(() => random.normal(0, 3)), draw(() => random.integer(2))];
        const evaluate = (loss: (s: tf.Tensor2D) => tf.Scalar): number[] => {
          const { value, grad } = tf.valueAndGrad((s) => loss(s as tf.Tensor2D))(logits);
          return [...value.dataSync(), ...grad.dataSync()];
        };
        const plain = evaluate((s) => binaryCrossEntropy(s, labels));
        const bound = { relative: 2e-5, absolute: 1e-6 };
        // It takes the logarithm of a probability that is rounded to float32, as its authors do.
        const rounded = { relative: 2e-4, absolute: 1e-5 };
        const none = { gammaNegative: 0, gammaPositive: 0, clip: 0, reduction: 'mean' } as const;
        const statistics = { trainCount: 9, classCounts: [1, 2, 3, 4, 5] };
        expectClose(
          evaluate((s) => focalLoss(s, labels, { gamma: 0, balance: 1 })),
          plain,
          bound,
        );
        expectClose(
          evaluate((s) => asymmetricLoss(s, labels, none)),
          plain,
          rounded,
        );
        expectClose(
          evaluate((s) => asymmetricLoss(s, labels, { ...none, factorGradient: true })),
          plain,
          rounded,
        );
        expectClose(
          evaluate((s) => ldamLoss(s, labels, statistics, { maxMargin: 0 })),
          plain,
          bound,
        );
      });
    }),
    { numRuns: 20, seed: 1 },
  );
});

it('over known labels equals the loss over those entries alone, and differentiates by the labels', () => {
  tf.tidy(() => {
    const known = tf.tensor2d([
      [1, 1],
      [0, 1],
    ]);
    const loss = (s: tf.Tensor, l: tf.Tensor): tf.Scalar =>
      partialBinaryCrossEntropy(s as tf.Tensor2D, l as tf.Tensor2D, { known });
    const { value, grads } = tf.valueAndGrads(loss)([tf.tensor2d(x), tf.tensor2d(y)]);
    expectClose(value.dataSync(), [(entries[0] + entries[1] + entries[3]) / 3]);
    expectClose(grads[1].dataSync(), [0, -2 / 3, 0, -3 / 3], { absolute: 1e-7 });
  });
});

it('for each image divides by its own known labels, and gives 0 for an image without any', () => {
  tf.tidy(() => {
    const [logits, labels] = [tf.tensor2d(x), tf.tensor2d(y)];
    const known = tf.tensor2d([
      [1, 1],
      [0, 1],
    ]);
    const each = partialBinaryCrossEntropyPerImage(logits, labels, { known, reduction: 'none' });
    expect(each.shape).toEqual([2]);
    expectClose(each.dataSync(), [(entries[0] + entries[1]) / 2, entries[3]]);
    expectClose(partialBinaryCrossEntropyPerImage(logits, labels, { known }).dataSync(), [
      ((entries[0] + entries[1]) / 2 + entries[3]) / 2,
    ]);
    const nothing = tf.zerosLike(known);
    const gradient = tf.grad((s) =>
      partialBinaryCrossEntropyPerImage(s as tf.Tensor2D, labels, { known: nothing, reduction: 'sum' }),
    );
    expectClose(gradient(logits).dataSync(), [0, 0, 0, 0]);
  });
});
