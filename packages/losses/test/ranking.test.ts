import { RandomStream } from '@ltml/tensor';
import { expectClose } from '@ltml/tensor/testing';
import * as tf from '@tensorflow/tfjs-core';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { rankingLoss, rankingViolations } from '../src/index.ts';
import * as oracle from './oracle.ts';

it('is the mean of the hinges of the pairs that violate the margin', () => {
  tf.tidy(() => {
    // Hinges 1 + x_n − x_p: 0.5 and −1 of the first positive, 2.5 and 1 of the second.
    const [logits, labels] = [tf.tensor2d([[1.5, -0.5, 1, -0.5]]), tf.tensor2d([[1, 1, 0, 0]])];
    expectClose(rankingLoss(logits, labels).dataSync(), [(0.5 + 2.5 + 1) / 3]);
    expectClose(rankingLoss(logits, labels, { pairs: 'sum', reduction: 'sum' }).dataSync(), [4]);
    expectClose(rankingViolations(logits, labels).dataSync(), [3]);
    const gradient = tf.grad((s) => rankingLoss(s as tf.Tensor2D, labels))(logits);
    expectClose(gradient.dataSync(), [-1 / 3, -2 / 3, 2 / 3, 1 / 3]);
  });
});

describe.each(['mean', 'none'] as const)('reduced by %s', (reduction) => {
  it('equals all pairs written out, whatever is unknown', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 0, max: 1e6 }),
        fc.boolean(),
        fc.constantFrom(0.5, 1, 2),
        (seed, averaged, margin) => {
          const random = new RandomStream(seed);
          const matrix = (next: () => number): number[][] =>
            Array.from({ length: 4 }, () => Array.from({ length: 9 }, next));
          // Quarters, so that ties and hinges of exactly 0 are common.
          const x = matrix(() => Math.round(4 * random.normal(0, 1)) / 4);
          const y = matrix(() => Number(random.uniform() < 0.4));
          const known = matrix(() => Number(random.uniform() < 0.8));
          const expected = oracle.ranking(x, y, known, margin, averaged);
          tf.tidy(() => {
            const pairs = averaged ? 'violationMean' : 'sum';
            const loss = rankingLoss(tf.tensor2d(x), tf.tensor2d(y), {
              known: tf.tensor2d(known),
              margin,
              pairs,
              reduction,
            });
            const mean = [expected.reduce((sum, value) => sum + value, 0) / 4];
            expectClose(loss.dataSync(), reduction === 'none' ? expected : mean, { absolute: 1e-5 });
          });
        },
      ),
      { numRuns: 25, seed: 1 },
    );
  });

  it('is 0 with a gradient of 0 where no pair can be made', () => {
    tf.tidy(() => {
      const labels = tf.tensor2d([
        [1, 1],
        [0, 0],
      ]);
      const { value, grad } = tf.valueAndGrad((s) => tf.sum(rankingLoss(s as tf.Tensor2D, labels, { reduction })))(
        tf.tensor2d([
          [3, -2],
          [0, 1],
        ]),
      );
      expect([...value.dataSync(), ...grad.dataSync()].map((v) => v + 0)).toEqual([0, 0, 0, 0, 0]);
    });
  });
});

it('sorts thousands of classes, half of them positive, without writing their pairs out', async () => {
  const C = 4000;
  const logits = tf.tensor2d(
    Float32Array.from({ length: C }, (_, c) => Math.sin(c)),
    [1, C],
  );
  const labels = tf.tensor2d(
    Float32Array.from({ length: C }, (_, c) => c % 2),
    [1, C],
  );
  const { kernels, result } = await tf.profile(() => rankingLoss(logits, labels, { reduction: 'none' }));
  // The classes are sorted; the 4 million pairs would take 16 MB.
  const largest = kernels.flatMap(({ outputShapes }) => outputShapes.map((shape) => tf.util.sizeFromShape(shape)));
  expect(largest.reduce((a, b) => Math.max(a, b), 0)).toBeLessThanOrEqual(C + 1);
  tf.dispose([logits, labels, result as tf.Tensor]);
});
