import { RandomStream } from '@ltml/tensor';
import { expectClose } from '@ltml/tensor/testing';
import * as tf from '@tensorflow/tfjs-core';
import { describe, expect, it } from 'vitest';
import { BalancedQueue, dsclLoss, dsclMinimum, LabelledQueue, pbsdLoss, sclLoss } from '../src/index.ts';

const rows = (count: number): tf.Tensor2D => tf.tensor2d(new Float32Array(2 * count).fill(Math.SQRT1_2), [count, 2]);
const queue = (K: number) => ({ keys: rows(K), labels: tf.zeros([K], 'int32') as tf.Tensor1D, classes: 3 });

describe('a contrastive loss', () => {
  it('of no images is empty, and so is its gradient', () => {
    for (const candidates of ['queue', 'inbatch'] as const) {
      const labels = tf.tensor1d([], 'int32');
      const loss = (x: tf.Tensor) => dsclLoss(x as tf.Tensor2D, rows(0), labels, queue(2), { candidates });
      expect(loss(rows(0)).shape).toEqual([0]);
      expect(tf.grad(loss)(rows(0)).shape).toEqual([0, 2]);
    }
  });

  it('over no past keys has the own key alone, and is 0', () => {
    const labels = tf.tensor1d([0, 1], 'int32');
    expectClose(sclLoss(rows(2), rows(2), labels, queue(0)).dataSync(), [0, 0], { absolute: 1e-5 });
  });

  it('takes classes of any type', () => {
    for (const candidates of ['queue', 'inbatch'] as const) {
      const [whole, real] = (['int32', 'float32'] as const).map((type) =>
        dsclLoss(rows(2), rows(2), tf.tensor1d([0, 1], type), queue(2), { candidates }).dataSync(),
      );
      expectClose(real, whole, { relative: 0, absolute: 0 });
    }
  });

  it.each([
    { temperature: 0 },
    { temperature: Infinity },
    { epsilon: -1 },
    { epsilon: Number.NaN },
    { alpha: 2 },
    { alpha: Number.NaN },
    { candidates: 'all' },
    { emptyPositives: 'none' },
    { tau: 1 },
  ])('refuses %j', (options) => {
    const labels = tf.tensor1d([0], 'int32');
    expect(() => dsclLoss(rows(1), rows(1), labels, queue(1), options as never)).toThrow(/dsclLoss: options/);
  });

  it('has no minimum for a share beyond 1 or half a positive', () => {
    expect(() => dsclMinimum(1.5, 1)).toThrow(/alpha/);
    expect(() => dsclMinimum(0.5, 1.5)).toThrow(/positives/);
  });
});

it('distils nothing from no patches, or no images', () => {
  for (const [L, B] of [
    [0, 2],
    [2, 0],
  ]) {
    const patches = tf.zeros([L, B, 2]) as tf.Tensor3D;
    const loss = (x: tf.Tensor) => pbsdLoss({ teachers: patches, students: x as tf.Tensor3D }, rows(B), rows(3));
    expect(loss(patches).shape).toEqual([L, B]);
    expect(tf.grad(loss)(patches).shape).toEqual([L, B, 2]);
  }
});

describe('a queue', () => {
  const options = { size: 4, dimension: 2, classes: 2, random: new RandomStream(1) };

  it.each([0, -1, 1.5, Number.NaN, Infinity])('refuses %d of anything', (count) => {
    for (const name of ['size', 'dimension', 'classes']) {
      expect(() => new LabelledQueue({ ...options, [name]: count })).toThrow(`LabelledQueue: options.${name}`);
      expect(() => new BalancedQueue({ ...options, [name]: count })).toThrow(`BalancedQueue: options.${name}`);
    }
  });

  it('refuses a start that it does not know, and fewer slots than classes where each has its own', () => {
    expect(() => new LabelledQueue({ ...options, start: 'full' as never })).toThrow(/one of random, empty/);
    expect(() => new BalancedQueue({ ...options, size: 1 })).toThrow(/options\.size should be a whole number ≥ 2/);
  });
});
