import { DataError, OptionError, RandomStream } from '@ltml/tensor';
import { expectClose } from '@ltml/tensor/testing';
import * as tf from '@tensorflow/tfjs-core';
import { expect, it } from 'vitest';
import { balancedSoftmax, ladeLoss, ladeRegularizer } from '../src/index.ts';
import { allForms } from './all-forms.ts';
import * as oracle from './oracle.ts';

const counts = [400, 30, 0, 7, 2];
const statistics = { trainCount: 439, classCounts: counts };

function draw(B: number): { x: number[][]; y: number[][] } {
  const random = new RandomStream(B);
  return {
    x: Array.from({ length: B }, () => counts.map(() => random.normal(0, 3))),
    y: Array.from({ length: B }, () => {
      const at = random.integer(4);
      return counts.map((_, c) => Number(c === at));
    }),
  };
}

it.each([1, 4, 60])('has the regulariser of the oracle by every form, %i images', (B) => {
  const { x, y } = draw(B);
  const labels = tf.tensor2d(y);
  const { kernel, host, composed } = allForms((s) => ladeRegularizer(s, labels, statistics, { lambda: 0.3 }), x);
  expectClose([composed[0]], [oracle.ladeRegularizer(x, y, counts, 0.3)], { relative: 1e-5 });
  expectClose(host, composed, { relative: 1e-5, absolute: 1e-6 });
  expectClose(kernel, composed, { relative: 1e-5, absolute: 1e-6 });
  labels.dispose();
});

it('is the example of its specification', () => {
  tf.tidy(() => {
    const x = tf.tensor2d([
      [1, 0],
      [0, 2],
    ]);
    const y = tf.eye(2);
    const of = { trainCount: 100, classCounts: [90, 10] };
    expectClose(ladeLoss(x, y, of).dataSync(), [0.35095], { absolute: 1e-5 });
    expectClose(ladeLoss(x, y, of, { alpha: 0 }).dataSync(), balancedSoftmax(x, y, of).dataSync(), { relative: 1e-6 });
    expectClose(ladeRegularizer(x, y, of).dataSync(), [-0.673877], { absolute: 1e-5 });
  });
});

it('refuses counts that are none, and options that make no sense', () => {
  const x = tf.zeros<tf.Rank.R2>([1, 2]);
  const of = (classCounts: number[]) => ({ trainCount: 9, classCounts });
  expect(() => ladeLoss(x, x, of([-1, 3]))).toThrow(
    /statistics\.classCounts\[0\] should be a count, 0 or more, got -1/,
  );
  expect(() => ladeLoss(x, x, of([0, 0]))).toThrow(DataError);
  expect(() => ladeLoss(x, x, of([1, 2, 3]))).toThrow(OptionError);
  expect(() => ladeLoss(x, x, of([1, 2]), { alpha: -1 })).toThrow(OptionError);
  expect(() => ladeRegularizer(x, x, of([1, 2]), { lambda: Number.NaN })).toThrow(OptionError);
  expect(() => ladeRegularizer(x, x, of([1, 2]), { reduction: 'sum' as 'mean' })).toThrow(OptionError);
  x.dispose();
});
