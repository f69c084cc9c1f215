import { expectClose } from '@ltml/tensor/testing';
import * as tf from '@tensorflow/tfjs-core';
import { expect, it } from 'vitest';
import { focalLoss } from '../src/index.ts';
import * as oracle from './oracle.ts';

const x = [[0, 2, -3]];
const y = [[1, 0, 1]];

it('is balance·(1 − p_t)^γ times the cross-entropy: ¼·¼·log 2 at a logit of 0', () => {
  tf.tidy(() => {
    const [entry] = focalLoss(tf.tensor2d(x), tf.tensor2d(y), { reduction: 'none' }).dataSync();
    expectClose([entry], [Math.LN2 / 16]);
  });
});

it.each([0, 0.5, 2, 3])('lets a weight enter p_t, γ = %d', (gamma) => {
  const v = [[0.5, 3, 0]];
  tf.tidy(() => {
    const [labels, weight] = [tf.tensor2d(y), tf.tensor2d(v)];
    const options = { gamma, balance: 2, weight };
    const entries = focalLoss(tf.tensor2d(x), labels, { ...options, reduction: 'none' });
    expectClose(entries.dataSync(), oracle.focal(x, y, gamma, 2, v).flat());
    for (const reduction of ['sum', 'none'] as const) {
      const gradient = tf.grad((s) => tf.sum(focalLoss(s as tf.Tensor2D, labels, { ...options, reduction })))(
        tf.tensor2d(x),
      );
      const sum = (scores: number[][]): number =>
        oracle
          .focal(scores, y, gamma, 2, v)
          .flat()
          .reduce((a, b) => a + b);
      const differences = x[0].map((_, c) => {
        const moved = (by: number): number[][] => [x[0].map((s, i) => (i === c ? s + by : s))];
        return (sum(moved(1e-5)) - sum(moved(-1e-5))) / 2e-5;
      });
      expectClose(gradient.dataSync(), differences, { relative: 1e-4, absolute: 1e-6 });
    }
    expect(entries.shape).toEqual([1, 3]);
  });
});
