import { registerKernels } from '@ltml/engines';
import { batchNormTraining, conv2d, gelu } from '@ltml/tensor';
import { expectClose } from '@ltml/tensor/testing';
import * as tf from '@tensorflow/tfjs-core';
import { describe, expect, test } from 'vitest';
import { expectNoLeak, gradientsOf, randomTensor } from '../../tensor/test/support.ts';
import { runRawOp } from '../src/kernels/tensorflow/raw-op.ts';

// What WebGPU computes cannot be read synchronously, and it has no kernels of ours.
const readable = tf.getBackend() !== 'webgpu';
const engine = tf.getBackend();

function withoutKernels<T>(names: readonly string[], compute: () => T): T {
  for (const name of names) if (tf.getKernel(name, engine)) tf.unregisterKernel(name, engine);
  const result = compute();
  registerKernels();
  return result;
}

const rows = [
  {
    name: 'batchNormTraining',
    kernels: ['ltml/BatchNorm', 'ltml/BatchNormGrad'],
    op: (x: tf.Tensor, gamma: tf.Tensor, beta: tf.Tensor) => batchNormTraining(x, gamma, beta).y,
    shapes: [[150, 5], [5], [5]],
  },
  { name: 'gelu', kernels: ['ltml/Gelu', 'ltml/GeluGrad'], op: gelu, shapes: [[40, 7]] },
  {
    name: 'conv2d',
    kernels: ['ltml/Interleave'],
    op: (x: tf.Tensor, filter: tf.Tensor) => conv2d(x, filter, { stride: [2, 3], padding: 1 }),
    shapes: [
      [2, 9, 11, 3],
      [3, 3, 3, 4],
    ],
  },
];

describe.runIf(readable).each(rows)('$name', ({ kernels, op, shapes }) => {
  test('gives the same by kernel and composed', () => {
    const inputs = shapes.map((shape, i) => randomTensor(shape, i + 1));
    const compute = () => {
      const y = op(...(inputs as [tf.Tensor, tf.Tensor, tf.Tensor]));
      const gradients = gradientsOf(op as (...inputs: tf.Tensor[]) => tf.Tensor, inputs, randomTensor(y.shape, 9));
      return [y, ...gradients].map((tensor) => tensor.dataSync());
    };
    const fast = compute();
    const composed = withoutKernels(kernels, compute);
    for (const [i, values] of fast.entries()) expectClose(values, composed[i], { relative: 1e-5, absolute: 1e-5 });
  });
});

test.runIf(readable)('tensorScatterUpdate leaves what shares the memory of its input alone', () => {
  const [before, places] = [tf.tensor1d([1, 2, 3], 'int32'), tf.tensor2d([[2], [0]], [2, 1], 'int32')];
  const shared = before.clone();
  const after = tf.tensorScatterUpdate(before, places, tf.tensor1d([8, 9], 'int32'));
  expect([after, before, shared].map((x) => Array.from(x.dataSync()))).toEqual([
    [9, 2, 8],
    [1, 2, 3],
    [1, 2, 3],
  ]);
});

test('registering twice changes nothing', () => {
  const before = tf.getKernelsForBackend(engine).map(({ kernelFunc }) => kernelFunc);
  registerKernels();
  expect(tf.getKernelsForBackend(engine).map(({ kernelFunc }) => kernelFunc)).toEqual(before);
});

test.runIf(engine === 'tensorflow')('an error of a raw op names op, shapes and TensorFlow’s reason', () => {
  const [a, b] = [tf.ones([2, 3]), tf.ones([2, 3])];
  const multiply = () =>
    runRawOp(tf.backend(), 'MatMul', { bools: { transpose_a: false, transpose_b: false } }, [a, b], 1);
  expect(multiply).toThrow(/TensorFlow's MatMul: the input of float32 \[2, 3\] and float32 \[2, 3\] .*(size|shape)/i);
});

describe.runIf(readable)('corrected kernels of TensorFlow.js', () => {
  test('transpose by every permutation of up to four axes', () => {
    for (const shape of [
      [5, 40],
      [3, 1, 4],
      [2, 3, 35, 4],
    ]) {
      const x = randomTensor(shape, 1);
      for (const permutation of permutations(shape.length)) {
        expect(Array.from(tf.transpose(x, permutation).dataSync())).toEqual(transposeOracle(x, permutation));
      }
    }
  });

  test('sum over the first axes, and over others', () => {
    const x = randomTensor([70, 3, 4], 1);
    const rows = tf.reshape(tf.transpose(x, [1, 2, 0]), [12, 70]).arraySync() as number[][];
    const sums = rows.map((row) => row.reduce((total, value) => total + value, 0));
    expectClose(tf.sum(x, 0).dataSync(), sums, { absolute: 1e-5 });
    expect(tf.sum(x, [0, 1], true).shape).toEqual([1, 1, 4]);
    const columns = [0, 1, 2, 3].map((c) => sums[c] + sums[4 + c] + sums[8 + c]);
    expectClose(tf.sum(x, [1, 0]).dataSync(), columns, { absolute: 1e-5 });
    expectClose(tf.sum(x).dataSync(), [columns.reduce((total, value) => total + value, 0)], { absolute: 1e-4 });
    expect(tf.sum(tf.tensor2d([[1], [2]], [2, 1], 'int32'), 0).dtype).toBe('int32');
    expectClose(tf.sum(tf.zeros([0, 3]), 0).dataSync(), [0, 0, 0]);
  });

  test('matMul with either side transposed, in batches', () => {
    const [a, b] = [randomTensor([3, 4, 5], 1), randomTensor([3, 5, 6], 2)];
    const [aT, bT] = [tf.transpose(a, [0, 2, 1]), tf.transpose(b, [0, 2, 1])];
    const expected = tf.matMul(a, b).dataSync();
    expectClose(tf.matMul(aT, b, true).dataSync(), expected);
    expectClose(tf.matMul(a, bT, false, true).dataSync(), expected);
    expectClose(tf.matMul(aT, bT, true, true).dataSync(), expected);
    expectNoLeak((a, b) => tf.matMul(a, b, true, true), [aT, bT]);
  });

  test('matMul of one matrix with many', () => {
    const [one, many] = [randomTensor([1, 4, 5], 1) as tf.Tensor3D, randomTensor([3, 5, 6], 2) as tf.Tensor3D];
    const matrix = tf.squeeze<tf.Tensor2D>(one, [0]);
    const expected = tf.stack(tf.unstack(many).map((each) => tf.matMul(matrix, each as tf.Tensor2D)));
    const oneT = tf.transpose(one, [0, 2, 1]);
    for (const product of [tf.matMul(one, many), tf.matMul(oneT, many, true)]) {
      expect(product.shape).toEqual([3, 4, 6]);
      expectClose(product.dataSync(), expected.dataSync(), { absolute: 1e-6 });
    }
    expectNoLeak((many) => tf.matMul(oneT, many as tf.Tensor3D, true), [many]);
  });

  test('matMul over nothing is 0, and of nothing is empty', () => {
    for (const [a, b] of [
      [
        [2, 0],
        [0, 3],
      ],
      [
        [1, 3, 2],
        [4, 2, 0],
      ],
      [
        [0, 3, 2],
        [0, 2, 5],
      ],
      [
        [2, 3, 0],
        [2, 0, 4],
      ],
    ]) {
      const product = tf.matMul(tf.ones(a), tf.ones(b));
      expect(product.shape).toEqual([...(a.length === 3 ? [Math.max(a[0] && b[0], 0)] : []), a.at(-2), b.at(-1)]);
      expect(Array.from(product.dataSync()).every((value) => value === 0)).toBe(true);
    }
  });

  test('reverse of all axes, of a scalar, and its gradient', () => {
    const x = tf.tensor2d([
      [1, 2],
      [3, 4],
    ]);
    expect(tf.reverse(x).arraySync()).toEqual([
      [4, 3],
      [2, 1],
    ]);
    expect(tf.reverse(tf.scalar(3)).arraySync()).toBe(3);
    const [dx] = gradientsOf((x) => tf.reverse2d(x as tf.Tensor2D), [x], x);
    expect(dx.arraySync()).toEqual([
      [4, 3],
      [2, 1],
    ]);
  });

  test('gather says which index is out of range, and how batches and axes must lie', () => {
    const x = randomTensor([4, 3], 1);
    expect(() => tf.gather(x, tf.tensor1d([1, 4], 'int32'))).toThrow(/index value 4 is not in \[0, 3\]/);
    expect(() => tf.gather(x, tf.tensor1d([-1], 'int32'))).toThrow(/index value -1 is not in/);
    expect(() => tf.gather(x, tf.tensor1d([1], 'int32'), 0, 1)).toThrow(/batchDims/);
    expect(() => tf.gather(x, tf.tensor1d([1], 'int32'), 0, 3)).toThrow(/batchDims/);
  });

  test('expandDims of text', () => {
    const x = tf.tensor1d(['a', 'b']);
    expect(tf.expandDims(x, 1).arraySync()).toEqual([['a'], ['b']]);
  });

  test('gather of rows and of entries, and reverse along the first axis', () => {
    const x = randomTensor([4, 3, 2], 1);
    const rows = x.arraySync() as number[][][];
    const taken = tf.gather(x, tf.tensor2d([[3, 0, 3]], [1, 3], 'int32'));
    expect(taken.arraySync()).toEqual([[rows[3], rows[0], rows[3]]]);
    expect(tf.gather(x, [1], 1).arraySync()).toEqual(rows.map((row) => [row[1]]));
    expect(tf.gather(tf.tensor1d([5, 6, 7]), [2, 0]).arraySync()).toEqual([7, 5]);
    expect(tf.gather(tf.tensor1d([5, 6], 'int32'), [1]).dtype).toBe('int32');
    expect(tf.gather(x, tf.tensor1d([], 'int32')).shape).toEqual([0, 3, 2]);
    for (const axis of [0, -3]) expect(tf.reverse(x, axis).arraySync()).toEqual(rows.toReversed());
    expect(tf.reverse(x, [0, 2]).arraySync()).toEqual(
      rows.toReversed().map((row) => row.map((pair) => pair.toReversed())),
    );
    expectNoLeak((x) => tf.reverse(tf.gather(x, [2, 1]), 0), [x]);
  });

  test('the gradients of a depthwise convolution are those of one by groups', () => {
    const [x, filter] = [randomTensor([2, 7, 6, 3], 1), randomTensor([3, 3, 3, 2], 2)];
    const depthwise = (x: tf.Tensor, filter: tf.Tensor) =>
      tf.depthwiseConv2d(x as tf.Tensor4D, filter as tf.Tensor4D, 1, 'same');
    const grouped = (x: tf.Tensor, filter: tf.Tensor) =>
      conv2d(x, tf.reshape(filter, [3, 3, 1, 6]), { padding: 1, groups: 3 });
    const dy = randomTensor([2, 7, 6, 6], 3);
    const expected = gradientsOf(grouped, [x, filter], dy);
    for (const [i, gradient] of gradientsOf(depthwise, [x, filter], dy).entries()) {
      expectClose(gradient.dataSync(), expected[i].dataSync(), { absolute: 1e-5 });
    }
    expectNoLeak(depthwise, [x, filter]);
  });

  test('the gradient of gather adds up the rows that were taken twice', () => {
    const [dx] = gradientsOf(
      (x) => tf.gather(x, [2, 0, 2]),
      [tf.zeros([3, 2])],
      tf.tensor2d([
        [1, 2],
        [3, 4],
        [5, 6],
      ]),
    );
    expectClose(dx.dataSync(), [3, 4, 0, 0, 6, 8]);
  });

  test('a clone keeps its values when the original is disposed of', () => {
    const x = tf.tensor1d([1, 2, 3]);
    const copy = tf.clone(x);
    x.dispose();
    expectClose(copy.dataSync(), [1, 2, 3]);
  });
});

function permutations(length: number): number[][] {
  if (length === 0) return [[]];
  return permutations(length - 1).flatMap((rest) =>
    Array.from({ length }, (_, at) => [...rest.slice(0, at), length - 1, ...rest.slice(at)]),
  );
}

function transposeOracle(x: tf.Tensor, permutation: readonly number[]): number[] {
  const values = x.dataSync();
  const size = permutation.map((axis) => x.shape[axis]);
  return Array.from({ length: x.size }, (_, to) => {
    const index: number[] = [];
    let rest = to;
    for (let place = size.length - 1; place >= 0; place--) {
      index[permutation[place]] = rest % size[place];
      rest = Math.floor(rest / size[place]);
    }
    return values[index.reduce((at, i, axis) => at * x.shape[axis] + i, 0)];
  });
}
