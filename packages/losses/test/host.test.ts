import { compile, RandomStream } from '@ltml/tensor';
import { expectClose } from '@ltml/tensor/testing';
import * as tf from '@tensorflow/tfjs-core';
import { describe, expect, it } from 'vitest';
import { expOfMinus, logOfOnePlus, prefersHost, readMatrix } from '../src/core/host.ts';
import { distributionBalancedLoss, type Reweighting, rankingLoss } from '../src/index.ts';
import { allForms, recorder } from './all-forms.ts';
import { subjects, trainCount } from './subjects.ts';

function draw(seed: number, B: number, C: number): { x: number[][]; y: number[][]; known: number[][]; n: number[] } {
  const random = new RandomStream(seed);
  const matrix = (next: () => number): number[][] => Array.from({ length: B }, () => Array.from({ length: C }, next));
  const y = matrix(() => Number(random.uniform() < 0.3));
  y[0].fill(0);
  return {
    x: matrix(() => random.normal(0, 4)),
    y,
    known: matrix(() => random.integer(2)),
    n: Array.from({ length: C }, () => 1 + random.integer(900)),
  };
}

describe.each(subjects.map((subject) => [subject.name, subject] as const))('%s', (_, subject) => {
  it.each(['mean', 'sum', 'batchmean'] as const)(
    'gives the same by a kernel, on the host and as ops, %s',
    (reduction) => {
      const { x, y, known, n } = draw(4, 5, 9);
      const labels = tf.tensor2d(y);
      const options = subject.masked ? { reduction, known: tf.tensor2d(known) } : { reduction };
      const { kernel, host, composed } = allForms((scores) => subject.loss(scores, labels, n, options), x);
      expectClose(host, composed, { relative: 2e-6, absolute: 1e-6 });
      expectClose(kernel, composed, { relative: 2e-6, absolute: 1e-6 });
      tf.dispose([labels, ...(options.known ? [options.known] : [])]);
    },
  );
});

describe('in a compiled step', () => {
  it.each(subjects.map((subject) => [subject.name, subject] as const))('%s gives the same', (__, subject) => {
    const { x, y, n } = draw(9, 4, 6);
    const [logits, labels] = [tf.tensor2d(x), tf.tensor2d(y)];
    const run = (scores: tf.Tensor2D, given: tf.Tensor2D): { value: tf.Tensor; grad: tf.Tensor } =>
      tf.valueAndGrad((s) => subject.loss(s as tf.Tensor2D, given, n, { reduction: 'mean' }) as tf.Scalar)(scores);
    const step = compile(run, { name: subject.name });
    const read = (results: ReturnType<typeof run>): number[] => {
      const values = [...results.value.dataSync(), ...results.grad.dataSync()];
      tf.dispose(results);
      return values;
    };
    expectClose(read(step(logits, labels)), read(run(logits, labels)), { relative: 2e-6, absolute: 1e-6 });
    step.dispose();
    tf.dispose([logits, labels]);
  });
});

describe('distributionBalancedLoss', () => {
  const rules: Reweighting[] = [
    { by: 'none' },
    { by: 'inv' },
    { by: 'sqrtInv' },
    { by: 'rebalance', alpha: 0.3, beta: 5, mu: 0.1 },
    ...(['byClass', 'averageN', 'averageW', 'minN'] as const).map(
      (mode): Reweighting => ({ by: 'classBalanced', mode, beta: 0.99 }),
    ),
  ];

  it.each(rules.map((rule) => [JSON.stringify(rule), rule] as const))('weighs alike on the host, %s', (__, rule) => {
    const { x, y, known, n } = draw(7, 4, 6);
    const [labels, mask] = [tf.tensor2d(y), tf.tensor2d(known)];
    for (const weightNorm of ['none', 'instance', 'batch'] as const) {
      const options = { reweight: rule, weightNorm, known: mask, reduction: 'sum' } as const;
      const statistics = { trainCount, classCounts: n };
      const { kernel, host, composed } = allForms((s) => distributionBalancedLoss(s, labels, statistics, options), x);
      expectClose(host, composed, { relative: 1e-5, absolute: 1e-6 });
      expectClose(kernel, composed, { relative: 1e-5, absolute: 1e-6 });
    }
    tf.dispose([labels, mask]);
  });
});

it('ranks NaN nowhere, and says so', () => {
  const { kernel, host } = allForms(
    (s) => rankingLoss(s, tf.tensor2d([[1, 1, 0, 1, 0]])),
    [[Number.NaN, 0, 1, 2, 0.5]],
  );
  expect([kernel[0], host[0]]).toEqual([Number.NaN, Number.NaN]);
});

it('counts ranking pairs at the margin alike on the host and as ops', () => {
  const labels = tf.tensor2d([
    [1, 0, 0, 1],
    [1, 0, 1, 0],
  ]);
  const { kernel, host, composed } = allForms(
    (s) => rankingLoss(s, labels),
    [
      [2, 1, 1, 1],
      [1, 0, 1, 0],
    ],
  );
  // First row: positives 2 and 1, negatives 1 and 1: two pairs of hinge 0, two of hinge 1. Second: hinges of 0 only.
  expectClose(host, [0.5, -0.5, 1 / 2, 1 / 2, -0.5, 0, 0, 0, 0], { absolute: 1e-7 });
  expectClose(composed, host);
  expectClose(kernel, host);
  labels.dispose();
});

it('keeps away from the host while a step is recorded', () => {
  Reflect.set(tf.backend(), recorder, {});
  expect(prefersHost(1)).toBe(false);
  Reflect.deleteProperty(tf.backend(), recorder);
  expect(prefersHost(1)).toBe(['wasm', 'cpu', 'tensorflow'].includes(tf.getBackend()));
});

it('has exponentials and logarithms to 1e-8', () => {
  for (let t = 0; t < 103; t += 0.037) {
    expectClose([expOfMinus(t), logOfOnePlus(t / 103)], [Math.exp(-t), Math.log1p(t / 103)], {
      relative: 2e-8,
      absolute: 0,
    });
  }
  expect([expOfMinus(104), expOfMinus(Infinity), expOfMinus(Number.NaN)]).toEqual([0, 0, Number.NaN]);
  expect([expOfMinus(0), logOfOnePlus(0)]).toEqual([1, 0]);
});

it('reads whatever broadcasts to [B, C]', () => {
  const at = (shape: [number, number], b: number, c: number): number => {
    const tensor = tf.tensor2d(
      Array.from({ length: shape[0] * shape[1] }, (_, i) => i),
      shape,
    );
    const { values, rowStep, columnStep } = readMatrix(tensor, 9);
    tensor.dispose();
    return values[b * rowStep + c * columnStep];
  };
  expect([at([2, 3], 1, 2), at([1, 3], 1, 2), at([2, 1], 1, 2), at([1, 1], 1, 2)]).toEqual([5, 2, 1, 0]);
  expect(readMatrix(undefined, 9).values[0]).toBe(9);
});
