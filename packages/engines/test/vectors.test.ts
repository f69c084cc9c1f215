import { batchNormTraining } from '@ltml/tensor';
import { expectClose } from '@ltml/tensor/testing';
import * as tf from '@tensorflow/tfjs-core';
import { describe, expect, test } from 'vitest';
import { gradientsOf, randomTensor } from '../../tensor/test/support.ts';

/** Σ over k of products of matrices in doubles, both factors plain. */
function product(a: Float32Array, b: Float32Array, M: number, K: number, N: number): number[] {
  return Array.from({ length: M * N }, (_, at) => {
    let sum = 0;
    for (let k = 0; k < K; k++) sum += a[Math.floor(at / N) * K + k] * b[k * N + (at % N)];
    return sum;
  });
}

const swap = (x: tf.Tensor): tf.Tensor => tf.transpose(x, [0, 2, 1]);

// Loops of four and eight numbers have ends of all lengths, and chunks of 64 and 256.
describe.runIf(tf.getBackend() !== 'webgpu')('kernels with vectors', () => {
  test.each([
    [1, 5, 7, 3],
    [3, 4, 8, 8],
    [2, 9, 1, 13],
    [2, 1, 300, 6],
    [1, 6, 130, 9],
    [4, 7, 65, 1],
  ])('%i products of [%i, %i] and [·, %i], either side transposed or shared', (B, M, K, N) => {
    for (const [countA, countB] of [
      [B, B],
      [1, B],
      [B, 1],
    ]) {
      const [a, b] = [randomTensor([countA, M, K], 1), randomTensor([countB, K, N], 2)];
      const [left, right] = [a, b].map((x) => x.dataSync<'float32'>());
      const count = Math.max(countA, countB);
      const expected = Array.from({ length: count }, (_, i) => {
        const part = (values: Float32Array, of: number, size: number) => values.subarray((of > 1 ? i : 0) * size);
        return product(part(left, countA, M * K), part(right, countB, K * N), M, K, N);
      }).flat();
      for (const [tA, tB] of [
        [false, false],
        [true, false],
        [false, true],
        [true, true],
      ]) {
        const result = tf.tidy(() => tf.matMul(tA ? swap(a) : a, tB ? swap(b) : b, tA, tB));
        expect(result.shape).toEqual([count, M, N]);
        expectClose(result.dataSync(), expected, { relative: 1e-5, absolute: 1e-4 });
        result.dispose();
      }
      tf.dispose([a, b]);
    }
  });

  test.each([
    [[2, 9, 7, 3], [3, 3], 4, 2, [1, 1]],
    [[1, 8, 8, 5], [5, 3], 12, 1, [2, 1]],
    [[3, 4, 4, 9], [1, 1], 20, 1, [0, 0]],
    [[2, 30, 6, 4], [2, 4], 8, 3, [0, 3]],
    [[1, 70, 70, 1], [3, 3], 16, 1, [1, 1]],
    [[2, 5, 5, 6], [3, 3], 7, 1, [1, 1]],
  ] as const)(
    'the gradient by the filter, x %j, kernel %j, %i outputs, stride %i, padding %j',
    (shape, kernel, O, stride, pad) => {
      const [B, H, W, I] = shape;
      const pads = pad.map((size) => [size, size] as [number, number]) as [[number, number], [number, number]];
      const padding = [[0, 0], ...pads, [0, 0]] as [
        [number, number],
        [number, number],
        [number, number],
        [number, number],
      ];
      const [x, filter] = [randomTensor([...shape], 1), randomTensor([...kernel, I, O], 2)];
      const run = (x: tf.Tensor, filter: tf.Tensor) =>
        tf.conv2d(x as tf.Tensor4D, filter as tf.Tensor4D, stride, padding);
      const [M, N] = tf.tidy(() => run(x, filter).shape.slice(1, 3));
      const dy = randomTensor([B, M, N, O], 3);
      const [, gradient] = gradientsOf(run, [x, filter], dy);
      const [values, slopes] = [x, dy].map((tensor) => tensor.dataSync());
      const expected = Array.from({ length: filter.size }, (_, at) => {
        const [o, c] = [at % O, Math.floor(at / O) % I];
        const [j, i] = [Math.floor(at / O / I) % kernel[1], Math.floor(at / O / I / kernel[1])];
        let sum = 0;
        for (let b = 0; b < B; b++) {
          for (let y = 0; y < M; y++) {
            for (let z = 0; z < N; z++) {
              const [row, column] = [y * stride + i - pad[0], z * stride + j - pad[1]];
              if (row < 0 || row >= H || column < 0 || column >= W) continue;
              sum += values[((b * H + row) * W + column) * I + c] * slopes[((b * M + y) * N + z) * O + o];
            }
          }
        }
        return sum;
      });
      expectClose(gradient.dataSync(), expected, { relative: 1e-4, absolute: 1e-4 });
      tf.dispose([x, filter, dy, gradient]);
    },
  );

  test.each([4, 12, 6, 260])('batch norm of %i channels far from 0, over rows of all kinds', (C) => {
    for (const N of [2, 7, 1030]) {
      const x = tf.tidy(() => tf.add(randomTensor([N, C], 1), 100));
      const [gamma, beta] = [randomTensor([C], 2), randomTensor([C], 3)];
      const { y, mean, variance } = batchNormTraining(x, gamma, beta);
      const values = x.dataSync();
      const columns = Array.from({ length: C }, (_, c) => Array.from({ length: N }, (_, n) => values[n * C + c]));
      const means = columns.map((column) => column.reduce((sum, value) => sum + value, 0) / N);
      const variances = columns.map((column, c) => column.reduce((sum, v) => sum + (v - means[c]) ** 2, 0) / N);
      expectClose(mean.dataSync(), means, { relative: 1e-6 });
      expectClose(variance.dataSync(), variances, { relative: 1e-3 });
      const [factors, offsets] = [gamma, beta].map((tensor) => tensor.dataSync());
      const normalised = Array.from(values, (value, at) => {
        const c = at % C;
        return (factors[c] * (value - means[c])) / Math.sqrt(variances[c] + 1e-5) + offsets[c];
      });
      expectClose(y.dataSync(), normalised, { relative: 1e-3, absolute: 1e-3 });
      tf.dispose([x, gamma, beta, y, mean, variance]);
    }
  });

  test('slices and splits along every axis, of floats and whole numbers', () => {
    const shape = [3, 4, 5, 18];
    const values = Array.from({ length: tf.util.sizeFromShape(shape) }, (_, i) => i);
    for (const dtype of ['float32', 'int32'] as const) {
      const x = tf.tensor(values, shape, dtype);
      const nested = x.arraySync() as number[][][][];
      const [begin, size] = [
        [1, 0, 2, 1],
        [2, 4, 3, 17],
      ];
      const cut = (list: unknown, axis: number): unknown =>
        axis === 4
          ? list
          : (list as unknown[]).slice(begin[axis], begin[axis] + size[axis]).map((part) => cut(part, axis + 1));
      const sliced = tf.slice(x, begin, size);
      expect([sliced.dtype, sliced.arraySync()]).toEqual([dtype, cut(nested, 0)]);
      for (let axis = 0; axis < 4; axis++) {
        const parts = tf.split(x, [1, shape[axis] - 1], axis);
        const joined = tf.concat(parts, axis);
        expect(joined.arraySync()).toEqual(nested);
        tf.dispose([...parts, joined]);
      }
      tf.dispose([x, sliced]);
    }
    expect(() => tf.slice(tf.ones([2, 2]), [1, 1], [2, 1])).toThrow();
    expect(tf.slice(tf.ones([2, 3]), [0, 0], [0, 3]).shape).toEqual([0, 3]);
  });

  test('sums over the first axes', () => {
    const x = randomTensor([3, 70, 12], 1);
    const values = x.dataSync();
    const total = new Float64Array(12);
    for (let i = 0; i < values.length; i++) total[i % 12] += values[i];
    const [summed, kept] = [tf.sum(x, [0, 1]), tf.sum(x, [1, 0], true)];
    expectClose(summed.dataSync(), total);
    expect(kept.shape).toEqual([1, 1, 12]);
    tf.dispose([x, summed, kept]);
  });
});
