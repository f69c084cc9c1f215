import { expectClose } from '@ltml/tensor/testing';
import * as tf from '@tensorflow/tfjs-core';
import { describe, expect, it } from 'vitest';
import { expectMatchesOracle, randomTensor } from '../../tensor/test/support.ts';
import { lowRankScores } from '../src/low-rank-scores.ts';
import { expectNoLeak } from './support.ts';

type Scores = (u: Float64Array, v: Float64Array, q: Float64Array) => Float64Array;

/** Σ_d q_d·(1 + tanh(u_ld·v_cd)): the constant is the one that is left in. */
const oracle =
  (L: number, C: number, D: number): Scores =>
  (u, v, q) =>
    Float64Array.from({ length: L * C }, (_, i) => {
      const [l, c] = [Math.floor(i / C), i % C];
      return q.reduce((sum, weight, d) => sum + weight * (1 + Math.tanh(u[l * D + d] * v[c * D + d])), 0);
    });

describe('lowRankScores', () => {
  for (const [L, C, D] of [
    [6, 3, 5],
    [1, 1, 1],
    [4, 1, 2],
  ]) {
    it(`is its definition and has its gradients, [L, C, D] = [${L}, ${C}, ${D}]`, () => {
      const inputs = [randomTensor([L, D], 1), randomTensor([C, D], 2), randomTensor([D], 3)];
      const op = (...[u, v, q]: tf.Tensor[]): tf.Tensor =>
        lowRankScores(u as tf.Tensor2D, v as tf.Tensor2D, q as tf.Tensor1D);
      expectMatchesOracle(op, oracle(L, C, D), inputs);
    });
  }

  it('gives the same in blocks of features as at once', () => {
    const [L, C, D] = [2100, 2100, 5];
    const inputs = [randomTensor([L, D], 1), randomTensor([C, D], 2), randomTensor([D], 3)] as const;
    const scores = lowRankScores(...(inputs as unknown as [tf.Tensor2D, tf.Tensor2D, tf.Tensor1D]));
    const few = tf.slice(scores, [0, 0], [3, 4]).dataSync();
    const [u, v, q] = inputs.map((input) => Float64Array.from(input.dataSync()));
    const expected = oracle(3, 4, D)(u.subarray(0, 3 * D), v.subarray(0, 4 * D), q);
    expectClose(few, expected);
    const [du, , dq] = tf.grads((u, v, q) => lowRankScores(u as tf.Tensor2D, v as tf.Tensor2D, q as tf.Tensor1D))(
      [...inputs],
      tf.ones([L, C]),
    );
    expect([du.shape, dq.shape]).toEqual([[L, D], [D]]);
    const byQ = q.map((_, d) => {
      let sum = 0;
      for (let l = 0; l < L; l++) for (let c = 0; c < C; c++) sum += 1 + Math.tanh(u[l * D + d] * v[c * D + d]);
      return sum;
    });
    expectClose(dq.dataSync(), byQ);
  });

  it('is finite where tanh is 1, and leaves no tensor behind', async () => {
    const far = tf.tensor2d([[100, -100]]);
    const gradients = tf.grads((u, v) => lowRankScores(u as tf.Tensor2D, v as tf.Tensor2D, tf.ones([2])))([far, far]);
    for (const gradient of gradients) expect([...gradient.dataSync()].every(Number.isFinite)).toBe(true);
    await expectNoLeak(() =>
      tf.tidy(() => tf.grads((u, v) => lowRankScores(u as tf.Tensor2D, v as tf.Tensor2D, tf.ones([2])))([far, far])),
    );
  });

  it('refuses shapes that do not fit', () => {
    expect(() => lowRankScores(tf.zeros([2, 3]), tf.zeros([4, 2]), tf.zeros([3]))).toThrow(
      /lowRankScores: v should be/,
    );
  });
});
