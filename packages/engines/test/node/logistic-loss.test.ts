import { RandomStream } from '@ltml/tensor';
import { expectClose } from '@ltml/tensor/testing';
import * as tf from '@tensorflow/tfjs-core';
import { describe, expect, test } from 'vitest';

const kernelName = 'ltml/LogisticLoss';

interface Terms {
  readonly positiveSlope: number;
  readonly negativeSlope: number;
  readonly gamma: number;
}

const plain: Terms = { positiveSlope: 1, negativeSlope: 1, gamma: 0 };

/** Value and gradient by the kernel. */
function run(
  logits: tf.Tensor2D,
  labels: tf.Tensor2D,
  shift: tf.Tensor2D,
  weights: tf.Tensor2D,
  scale: number,
  terms: Terms,
  known?: tf.Tensor2D,
): number[] {
  return tf.tidy(() => {
    const inputs = { logits, labels, shift, weights, known: known ?? tf.ones([1, 1]), scale: tf.scalar(scale) };
    const [value, gradient] = tf.engine().runKernel(kernelName, inputs, { ...terms }) as unknown as tf.Tensor[];
    expect(value.shape).toEqual([]);
    expect(gradient.shape).toEqual(logits.shape);
    return [value.dataSync()[0], ...gradient.dataSync()];
  });
}

/** The same entry by entry, in doubles. */
function oracle(x: number, y: number, shift: number, w: number, scale: number, terms: Terms): [number, number] {
  const slope = y > 0 ? terms.positiveSlope : terms.negativeSlope;
  const u = slope * (x - shift);
  const e = Math.exp(-Math.abs(u));
  const entropy = Math.max(u, 0) - y * u + Math.log1p(e);
  const residual = u >= 0 ? (1 - y - y * e) / (1 + e) : ((1 - y) * e - y) / (1 + e);
  const miss = Math.abs(residual);
  const factor = w * miss ** terms.gamma;
  const bend = terms.gamma * (1 - miss) * entropy * (y > 0 ? -1 : 1);
  return [scale * factor * entropy, scale * factor * slope * (residual + bend)];
}

function filled(shape: [number, number], next: () => number): tf.Tensor2D {
  return tf.tensor2d(Float32Array.from({ length: shape[0] * shape[1] }, next), shape);
}

describe.skipIf(!tf.getKernel(kernelName, tf.getBackend()))('the kernel of the logistic losses', () => {
  const shapes: [number, number][] = [
    [1, 1],
    [3, 7],
    [5, 80],
    [2, 300],
    [1, 1000],
  ];
  const rules: Terms[] = [
    plain,
    { positiveSlope: 1, negativeSlope: 2, gamma: 2 },
    { positiveSlope: 3, negativeSlope: 0.5, gamma: 1 },
    { positiveSlope: 1, negativeSlope: 5, gamma: 2.7 },
  ];

  test.each(shapes)('equals the formula in doubles, [%d, %d]', (B, C) => {
    const random = new RandomStream(B * C);
    const broadcast: [number, number][] = [
      [B, C],
      [1, C],
      [B, 1],
      [1, 1],
    ];
    for (const [i, terms] of rules.entries()) {
      const logits = filled([B, C], () => random.normal(0, 6));
      const labels = filled([B, C], () => Number(random.uniform() < 0.3));
      const shift = filled(broadcast[i], () => random.normal());
      const weights = filled(broadcast[(i + 1) % 4], () => random.uniform() + 0.1);
      const full = [logits, labels, ...[shift, weights].map((t) => tf.mul(t, tf.ones([B, C])))].map((t) =>
        t.dataSync(),
      );
      const entries = Array.from({ length: B * C }, (_, k) =>
        oracle(full[0][k], full[1][k], full[2][k], full[3][k], 0.3, terms),
      );
      const value = entries.reduce((sum, [entry]) => sum + entry, 0);
      const got = run(logits, labels, shift, weights, 0.3, terms);
      expectClose(got.slice(0, 1), [value], { relative: 1e-6 });
      expectClose(
        got.slice(1),
        entries.map(([, gradient]) => gradient),
        { relative: 5e-6, absolute: 1e-12 },
      );
    }
  });

  test('takes soft labels where there is no focal factor', () => {
    const [logits, labels] = [tf.tensor2d([[0.5, -2, 30]]), tf.tensor2d([[0.25, 0.9, 0.5]])];
    const entries = [0, 1, 2].map((k) => oracle([0.5, -2, 30][k], [0.25, 0.9, 0.5][k], 0, 1, 1, plain));
    const expected = [entries.reduce((sum, [entry]) => sum + entry, 0), ...entries.map(([, gradient]) => gradient)];
    expectClose(run(logits, labels, tf.zeros([1, 1]), tf.ones([1, 1]), 1, plain), expected, { relative: 1e-6 });
  });

  test('keeps its digits at extreme logits, and lets NaN through', () => {
    const at = (x: number, y: number, terms: Terms = plain): number[] =>
      run(tf.tensor2d([[x]]), tf.tensor2d([[y]]), tf.zeros([1, 1]), tf.ones([1, 1]), 1, terms);
    // TensorFlow takes what is below the normal numbers for 0.
    for (const x of [20, 80, 87.5, 100]) {
      for (const y of [0, 1]) {
        for (const sign of [1, -1])
          expectClose(at(sign * x, y), oracle(sign * x, y, 0, 1, 1, plain), { relative: 2e-6, absolute: 1.2e-38 });
      }
      expect(at(x, 1, { ...plain, gamma: 2 }).every(Number.isFinite)).toBe(true);
    }
    expect(at(Number.NaN, 0)).toEqual([Number.NaN, Number.NaN]);
  });

  test('leaves out what is not known, whatever its logit', () => {
    const logits = tf.tensor2d([[0.5, Number.NaN, Number.POSITIVE_INFINITY]]);
    const [zeros, ones] = [tf.zeros<tf.Rank.R2>([1, 1]), tf.ones<tf.Rank.R2>([1, 1])];
    const known = tf.tensor2d([[1, 0, 0]]);
    const [value, gradient] = oracle(0.5, 1, 0, 1, 1, plain);
    expectClose(run(logits, tf.ones([1, 3]), zeros, ones, 1, plain, known), [value, gradient, 0, 0], {
      relative: 1e-6,
    });
  });

  test('leaves no tensor behind', () => {
    const tensors = [tf.ones<tf.Rank.R2>([2, 3]), tf.ones<tf.Rank.R2>([2, 3]), tf.ones<tf.Rank.R2>([1, 1])];
    const before = tf.memory().numTensors;
    run(tensors[0], tensors[1], tensors[2], tensors[2], 1, plain);
    expect(tf.memory().numTensors).toBe(before);
  });
});
