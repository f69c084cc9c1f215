import { linear } from '@ltml/tensor';
import * as tf from '@tensorflow/tfjs-core';
import { expect, test } from 'vitest';
import { expectMatchesOracle, expectNoLeak, randomTensor } from './support.ts';

const shapes = [[4, 3], [2, 5, 3], [2, 2, 2, 3], [3]];

test.each(shapes.map((shape) => [shape]))('linear maps the last axis of %j, with gradients', (shape) => {
  const inputs = [randomTensor(shape, 1), randomTensor([3, 2], 2), randomTensor([2], 3)];
  const op = (x: tf.Tensor, weight: tf.Tensor, bias?: tf.Tensor) => linear(x, weight, bias);
  expect(op(inputs[0], inputs[1]).shape).toEqual([...shape.slice(0, -1), 2]);
  expectMatchesOracle(op, oracle, inputs);
  expectMatchesOracle(op, oracle, inputs.slice(0, 2));
  expectNoLeak(op, inputs);
});

function oracle(x: Float64Array, weight: Float64Array, bias?: Float64Array): number[] {
  return Array.from({ length: (x.length / 3) * 2 }, (_, at) => {
    const [row, o] = [Math.floor(at / 2), at % 2];
    return [0, 1, 2].reduce((sum, i) => sum + x[row * 3 + i] * weight[i * 2 + o], bias?.[o] ?? 0);
  });
}

test('linear refuses features that do not fit', () => {
  expect(() => linear(tf.ones([2, 3]), tf.ones([4, 2]))).toThrow(/linear: weight should be \[I, O\] = \[3, O\]/);
  expect(() => linear(tf.ones([2, 3]), tf.ones([3, 2]), tf.ones([3]))).toThrow(/linear: bias should be \[O\] = \[2\]/);
});
