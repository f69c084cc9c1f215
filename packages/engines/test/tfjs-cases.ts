import * as tf from '@tensorflow/tfjs-core';
import type { OpCase } from '../../tensor/test/op-cases.ts';

const unary = (name: string, run: (x: tf.Tensor) => tf.Tensor): OpCase => ({ name, shapes: [[3, 5]], run });
const binary = (name: string, run: (a: tf.Tensor, b: tf.Tensor) => tf.Tensor): OpCase => ({
  name,
  shapes: [
    [3, 5],
    [1, 5],
  ],
  run,
});
const positive = (x: tf.Tensor): tf.Tensor => tf.add(tf.square(x), 0.5);
const reversed = (x: tf.Tensor): tf.Tensor => tf.reverse(x, 1);

/** The differentiable ops of TensorFlow.js that our packages call. */
export const tfjsCases: readonly OpCase[] = [
  {
    name: 'matMul',
    shapes: [
      [3, 5],
      [5, 4],
    ],
    run: (a, b) => tf.matMul(a, b),
  },
  {
    name: 'matMul in batches, transposed',
    shapes: [
      [2, 3, 7, 8],
      [2, 3, 5, 8],
    ],
    run: (a, b) => tf.matMul(a, b, false, true),
  },
  binary('add', (a, b) => tf.add(a, b)),
  binary('sub', (a, b) => tf.sub(a, b)),
  binary('mul', (a, b) => tf.mul(a, b)),
  binary('div', (a, b) => tf.div(a, positive(b))),
  binary('concat', (a, b) => tf.concat([a, b], 0)),
  // TensorFlow.js's own gradient of these two does not broadcast.
  unary('maximum', (x) => tf.maximum(x, reversed(x))),
  unary('minimum', (x) => tf.minimum(x, reversed(x))),
  unary('where', (x) => tf.where(tf.tensor1d([1, 0, 1, 1, 0], 'bool'), x, tf.square(x))),
  unary('exp', (x) => tf.exp(x)),
  unary('expm1', (x) => tf.expm1(x)),
  unary('log', (x) => tf.log(positive(x))),
  unary('log1p', (x) => tf.log1p(positive(x))),
  unary('sqrt', (x) => tf.sqrt(positive(x))),
  unary('rsqrt', (x) => tf.rsqrt(positive(x))),
  unary('reciprocal', (x) => tf.reciprocal(positive(x))),
  unary('pow', (x) => tf.pow(positive(x), 3)),
  unary('square', (x) => tf.square(x)),
  unary('abs', (x) => tf.abs(x)),
  unary('neg', (x) => tf.neg(x)),
  unary('sigmoid', (x) => tf.sigmoid(x)),
  unary('softplus', (x) => tf.softplus(x)),
  unary('tanh', (x) => tf.tanh(x)),
  unary('relu', (x) => tf.relu(x)),
  unary('leakyRelu', (x) => tf.leakyRelu(x, 0.1)),
  unary('clipByValue', (x) => tf.clipByValue(x, -1, 1)),
  unary('sum', (x) => tf.sum(x, 0)),
  unary('mean', (x) => tf.mean(x, -1, true)),
  unary('max', (x) => tf.max(x, -1)),
  unary('min', (x) => tf.min(x, -1)),
  unary('cumsum', (x) => tf.cumsum(x, 1)),
  { name: 'transpose', shapes: [[2, 3, 4, 5]], run: (x) => tf.transpose(x, [0, 2, 1, 3]) },
  unary('reverse', reversed),
  unary('slice', (x) => tf.slice(x, [1, 2], [2, 2])),
  unary('pad', (x) =>
    tf.pad(x, [
      [1, 0],
      [0, 2],
    ]),
  ),
  unary('stack', (x) => tf.stack([x, tf.mul(x, 2)], 1)),
  unary('split', (x) => tf.split(x, [2, 3], 1)[1]),
  unary('unstack', (x) => tf.unstack(x, 0)[1]),
  unary('gather', (x) => tf.gather(x, tf.tensor1d([2, 0, 2], 'int32'))),
  unary('oneHot', (x) => tf.mul(x, tf.oneHot(tf.tensor1d([1, 0, 4], 'int32'), 5))),
];
