import { OptionError, RandomStream } from '@ltml/tensor';
import { expectClose } from '@ltml/tensor/testing';
import * as tf from '@tensorflow/tfjs-core';
import { expect, it } from 'vitest';
import { twoWayLoss } from '../src/index.ts';
import { allForms } from './all-forms.ts';
import { transposed, twoWayRows } from './oracle.ts';

function draw(seed: number, B: number, C: number): { x: number[][]; y: number[][]; known: number[][] } {
  const random = new RandomStream(seed);
  const matrix = (next: () => number): number[][] => Array.from({ length: B }, () => Array.from({ length: C }, next));
  return {
    x: matrix(() => random.normal(0, 3)),
    y: matrix(() => Number(random.uniform() < 0.25)),
    known: matrix(() => Number(random.uniform() < 0.7)),
  };
}

it.each([
  [1, 1],
  [3, 5],
  [7, 40],
  [40, 7],
])('adds up the mean line losses of both directions, by every form, [%i, %i]', (B, C) => {
  const { x, y, known } = draw(B, B, C);
  const [labels, mask] = [tf.tensor2d(y), tf.tensor2d(known)];
  const T = { positive: 3, negative: 0.8 };
  const temperatures = { positiveTemperature: 3, negativeTemperature: 0.8, known: mask };
  const rows = twoWayRows(x, y, known, T);
  const columns = twoWayRows(transposed(x), transposed(y), transposed(known), T);
  for (const [direction, expected] of [
    ['images', rows],
    ['classes', columns],
    ['both', rows + columns],
  ] as const) {
    const { kernel, host, composed } = allForms((s) => twoWayLoss(s, labels, { ...temperatures, direction }), x);
    expectClose([composed[0]], [expected], { relative: 1e-5, absolute: 1e-6 });
    expectClose(host, composed, { relative: 1e-5, absolute: 1e-6 });
    expectClose(kernel, composed, { relative: 1e-5, absolute: 1e-6 });
  }
  tf.dispose([labels, mask]);
});

it('is the example of its specification', () => {
  const labels = tf.tensor2d([
    [1, 0, 1],
    [0, 1, 0],
  ]);
  const known = tf.tensor2d([
    [1, 1, 1],
    [1, 1, 0],
  ]);
  const { kernel } = allForms(
    (s) => twoWayLoss(s, labels, { known }),
    [
      [1, -2, 0.5],
      [0, 3, -1],
    ],
  );
  // The third class has a positive alone: its line is 0, and counts.
  expectClose(kernel, [0.485183, -0.208626, 0.25603, -0.134821, 0.11336, -0.025944, 0], { absolute: 1e-6 });
  tf.dispose([labels, known]);
});

it('says so if all logits are NaN, by every form', () => {
  const labels = tf.tensor2d([[1, 0, 1]]);
  const { kernel, host, composed } = allForms((s) => twoWayLoss(s, labels), [[Number.NaN, Number.NaN, Number.NaN]]);
  expect([kernel[0], host[0], composed[0]]).toEqual([Number.NaN, Number.NaN, Number.NaN]);
  labels.dispose();
});

it('has no other reduction, direction or temperature', () => {
  const x = tf.zeros<tf.Rank.R2>([1, 2]);
  for (const options of [
    { reduction: 'sum' },
    { direction: 'rows' },
    { positiveTemperature: 0 },
    { negativeTemperature: Number.NaN },
  ]) {
    expect(() => twoWayLoss(x, x, options as object)).toThrow(OptionError);
  }
  x.dispose();
});
