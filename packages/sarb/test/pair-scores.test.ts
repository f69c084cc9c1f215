import { expectClose } from '@ltml/tensor/testing';
import * as tf from '@tensorflow/tfjs-core';
import { describe, expect, it } from 'vitest';
import { expectMatchesOracle, randomTensor } from '../../tensor/test/support.ts';
import { classPairs } from '../src/transfer/class-pairs.ts';
import { pairScores } from '../src/transfer/pair-scores.ts';
import { expectNoLeak } from './support.ts';

const scoresOf = (...[u, v, q]: tf.Tensor[]): tf.Tensor2D =>
  pairScores(u as tf.Tensor3D, v as tf.Tensor3D, q as tf.Tensor2D);

describe('pairScores', () => {
  it.each([
    [4, 3, 5],
    [2, 1, 1],
    [3, 2, 4],
  ])('is its definition and has its gradients, [C, B, H] = [%i, %i, %i]', (C, B, H) => {
    const { first, second } = classPairs(C);
    const P = first.length;
    const oracle = (u: Float64Array, v: Float64Array, q: Float64Array): Float64Array =>
      Float64Array.from({ length: B * P }, (_, at) => {
        const [b, p] = [Math.floor(at / P), at % P];
        let sum = 0;
        for (let h = 0; h < H; h++) {
          const x = u[(first[p] * B + b) * H + h] + v[(second[p] * B + b) * H + h];
          sum += q[p * H + h] * Math.max(x, 0);
        }
        return sum;
      });
    expectMatchesOracle(scoresOf, oracle, [
      randomTensor([C, B, H], 1),
      randomTensor([C, B, H], 2),
      randomTensor([P, H], 3),
    ]);
  });

  it('gives the same in blocks of pairs as at once', () => {
    const inputs = [randomTensor([5, 2, 4], 1), randomTensor([5, 2, 4], 2), randomTensor([10, 4], 3)];
    const dy = randomTensor([2, 10], 4);
    // Three pairs a block, and one in the last.
    const inBlocks = (...[u, v, q]: tf.Tensor[]): tf.Tensor2D =>
      pairScores(u as tf.Tensor3D, v as tf.Tensor3D, q as tf.Tensor2D, 24);
    expectClose(inBlocks(...inputs).dataSync(), scoresOf(...inputs).dataSync());
    const [expected, found] = [scoresOf, inBlocks].map((op) => tf.grads(op)(inputs, dy));
    for (const [i, gradient] of found.entries()) expectClose(gradient.dataSync(), expected[i].dataSync());
  });

  it('leaves no tensor behind, and refuses other shapes', async () => {
    const inputs = [randomTensor([3, 2, 4], 1), randomTensor([3, 2, 4], 2), randomTensor([3, 4], 3)];
    await expectNoLeak(() => tf.tidy(() => tf.grads(scoresOf)(inputs, tf.ones([2, 3]))));
    expect(() => scoresOf(inputs[0], inputs[1], tf.zeros([2, 4]))).toThrow('pairScores: q');
  });
});
