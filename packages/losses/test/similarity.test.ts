import { ShapeError } from '@ltml/tensor';
import { expectClose } from '@ltml/tensor/testing';
import * as tf from '@tensorflow/tfjs-core';
import { describe, expect, it } from 'vitest';
import { cosineSimilarityLoss, reconstructionLoss } from '../src/index.ts';

const a = [
  [3, 4],
  [0, 2],
];
const b = [
  [1, 0],
  [5, 0],
];
const unit = (rows: number[][]): number[][] =>
  rows.map((row) => row.map((v) => v / Math.max(Math.hypot(...row), 1e-12)));
const dot = (u: number[], v: number[]): number => u.reduce((sum, ui, i) => sum + ui * v[i], 0);
const cosine = (p: number[][], q: number[][]): number => {
  const [u, v] = [unit(p), unit(q)];
  return u.reduce((sum, ui, i) => sum + u.reduce((s, uj, j) => s + (dot(ui, uj) - dot(v[i], v[j])) ** 2, 0), 0);
};
const reconstruction = (p: number[][], q: number[][]): number => {
  const v = unit(q);
  return unit(p).reduce((sum, ui, i) => sum + 1 - dot(ui, v[i]), 0);
};

describe.each([
  ['cosineSimilarityLoss', cosineSimilarityLoss, cosine, 2 * (0.8 - 1) ** 2],
  ['reconstructionLoss', reconstructionLoss, reconstruction, 0.4 + 1],
] as const)('%s', (_, loss, written, byHand) => {
  it('has the value by hand and the gradients of central differences', () => {
    tf.tidy(() => {
      const { value, grads } = tf.valueAndGrads((p, q) => loss(p as tf.Tensor2D, q as tf.Tensor2D))([
        tf.tensor2d(a),
        tf.tensor2d(b),
      ]);
      expectClose(value.dataSync(), [byHand]);
      const moved = (rows: number[][], i: number, by: number): number[][] =>
        rows.map((row, r) => row.map((v, c) => v + (2 * r + c === i ? by : 0)));
      const slope = (f: (by: number) => number): number => (f(1e-6) - f(-1e-6)) / 2e-6;
      const entries = [0, 1, 2, 3];
      expectClose(
        grads[0].dataSync(),
        entries.map((i) => slope((by) => written(moved(a, i, by), b))),
        { absolute: 1e-6 },
      );
      expectClose(
        grads[1].dataSync(),
        entries.map((i) => slope((by) => written(a, moved(b, i, by)))),
        { absolute: 1e-6 },
      );
    });
  });

  it('is 0 for vectors that differ in length only, finite for a row of zeros, and leaves no tensor behind', () => {
    const [p, doubled, zero] = [
      a,
      a.map((row) => row.map((v) => 2 * v)),
      [
        [0, 0],
        [1, 1],
      ],
    ].map((rows) => tf.tensor2d(rows));
    const before = tf.memory().numTensors;
    const same = loss(p, doubled);
    expectClose(same.dataSync(), [0]);
    const gradient = tf.grad((s) => loss(s as tf.Tensor2D, p))(zero);
    expect(tf.memory().numTensors).toBe(before + 2);
    expect(gradient.dataSync().every(Number.isFinite)).toBe(true);
    tf.dispose([p, doubled, zero, same, gradient]);
  });

  it('refuses sets of other shapes', () => {
    tf.tidy(() => {
      expect(() => loss(tf.tensor2d(a), tf.zeros([3, 2]))).toThrow(ShapeError);
    });
  });
});
