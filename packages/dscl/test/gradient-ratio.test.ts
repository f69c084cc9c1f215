import { gradientParts, gradientRatio } from '@ltml/dscl';
import { expectClose } from '@ltml/tensor/testing';
import * as tf from '@tensorflow/tfjs-core';
import { describe, expect, it } from 'vitest';
import { dsclLoss } from '../src/contrastive-loss.ts';
import { drawCase, expectNoLeak, integers, tensorsOf } from './support.ts';

/** An anchor at a right angle to all of its K + 1 candidates: p is uniform, as at the start of training. */
function uniform(K: number, positives: number) {
  const keys = tf.eye(K + 2);
  const row = (i: number): tf.Tensor2D => tf.slice(keys, [i, 0], [1, K + 2]);
  const labels = Array.from({ length: K }, (_, k) => Number(k >= positives));
  return [
    row(K + 1),
    row(K),
    integers([0]),
    { keys: tf.slice(keys, [0, 0], [K, K + 2]), labels: integers(labels), classes: 2 },
  ] as const;
}

describe('gradientRatio', () => {
  it.each([1, 5, 40])('is 1 / |P| for SCL and about α / (1 − α) for DSCL where p is uniform, |P| = %i', (positives) => {
    const case_ = uniform(300, positives);
    expectClose(gradientRatio(...case_, { loss: 'scl' }).dataSync(), [1 / positives]);
    // Exact: |1/n − α| / (|P|·|1/n − (1 − α)/|P||) with n = 301 candidates.
    const exact = (alpha: number): number =>
      Math.abs(1 / 301 - alpha) / (positives * Math.abs(1 / 301 - (1 - alpha) / positives));
    expectClose(gradientRatio(...case_, { alpha: 0.1 }).dataSync(), [exact(0.1)]);
    expect(Math.abs(exact(0.1) / (0.1 / 0.9) - 1)).toBeLessThan(0.2);
  });

  it('is made of the parts of the gradient', () => {
    const { anchors, ownKeys, labels, queue } = tensorsOf(drawCase(2));
    const { own, queue: others } = gradientParts(anchors, ownKeys, labels, queue, { temperature: 0.2, alpha: 0.3 });
    const sum = tf.add(tf.mul(tf.expandDims(own, 1), ownKeys), tf.matMul(others, queue.keys));
    const loss = (z: tf.Tensor): tf.Tensor =>
      tf.sum(dsclLoss(z as tf.Tensor2D, ownKeys, labels, queue, { temperature: 0.2, alpha: 0.3 }));
    expectClose(tf.div(sum, 0.2).dataSync(), tf.grad(loss)(anchors).dataSync(), { absolute: 1e-5 });
    expectNoLeak(() => gradientRatio(anchors, ownKeys, labels, queue));
  });

  it('is infinite without positives', () => {
    const { anchors, ownKeys, labels, queue } = tensorsOf(drawCase(3));
    expect(gradientRatio(anchors, ownKeys, labels, queue).dataSync()[0]).toBe(Number.POSITIVE_INFINITY);
  });
});
