import * as tf from '@tensorflow/tfjs-core';
import { describe, expect, test } from 'vitest';
import type { NativeBackend } from '../../../src/node/compile/native-backend.ts';
import { executeDirectly } from '../../../src/node/native/execute.ts';
import { SmallConstants } from '../../../src/node/native/small-constants.ts';

interface Counted {
  execute?: unknown;
  getNumOfTensors(): number;
}

const backend = tf.backend() as unknown as NativeBackend;
const isNative = tf.getBackend() === 'tensorflow' && Boolean((backend.binding as unknown as Counted).execute);

describe.runIf(isNative)('ops that the addon executes', () => {
  const type = () => ({ name: 'T', type: backend.binding.TF_ATTR_TYPE, value: backend.binding.TF_FLOAT });

  test('tell 0 from −0, and NaN, among constants', () => {
    const x = tf.tensor1d([2]);
    const quotients = [0, -0, 0, Number.NaN].map((divisor) => tf.div(x, tf.scalar(divisor)).dataSync()[0]);
    expect(quotients).toEqual([Infinity, -Infinity, Infinity, Number.NaN]);
  });

  test('keep a constant when the array that it was made of changes', () => {
    const values = Float32Array.of(3, 5);
    tf.add(tf.tensor1d(values), 1);
    values[0] = 7;
    expect(Array.from(tf.add(tf.tensor1d([3, 5]), 1).dataSync())).toEqual([4, 6]);
    expect(Array.from(tf.add(tf.tensor1d(values), 1).dataSync())).toEqual([8, 6]);
  });

  test('take each set of attributes for itself, lists too', () => {
    const x = tf.tensor2d([
      [1, 2],
      [3, 4],
    ]);
    const products = [false, true, false].map((transposed) => tf.matMul(x, x, transposed, !transposed).arraySync());
    expect(products[0]).toEqual([
      [5, 11],
      [11, 25],
    ]);
    expect(products[1]).toEqual([
      [10, 14],
      [14, 20],
    ]);
    expect(products[2]).toEqual(products[0]);
    const image = tf.reshape<tf.Rank.R4>(tf.range(0, 16), [1, 4, 4, 1]);
    for (const strides of [1, 2, [2, 1], 1] as (number | [number, number])[]) {
      const [rows, columns] = Array.isArray(strides) ? strides : [strides, strides];
      expect(tf.avgPool(image, [1, 1], strides, 'valid').shape).toEqual([1, 4 / rows, 4 / columns, 1]);
    }
  });

  test('run on a backend after another one was made', () => {
    executeDirectly(tf.findBackendFactory('tensorflow')() as unknown as NativeBackend);
    expect(tf.add(tf.tensor1d([3, 5]), 1).arraySync()).toEqual([4, 6]);
  });

  test('give several outputs with their shapes and types', () => {
    const { values, indices } = tf.topk(tf.tensor2d([[1, 3, 2]]), 2);
    expect([values.arraySync(), indices.arraySync(), indices.dtype]).toEqual([[[3, 2]], [[1, 2]], 'int32']);
    expect(tf.split(tf.ones([4, 6]), 3, 1).map(({ shape }) => shape)).toEqual([
      [4, 2],
      [4, 2],
      [4, 2],
    ]);
    expect(tf.ones([1, 2, 1, 2, 1, 2]).square().shape).toEqual([1, 2, 1, 2, 1, 2]);
  });

  test('say what TensorFlow says of a mistake, and go on', () => {
    const run = (op: string) => backend.executeSingleOutput(op, [type()], [tf.ones([2]), tf.ones([3])]);
    expect(() => run('AddV2')).toThrow(/Invalid TF_Status: 3\nMessage: .*Incompatible shapes: \[2\] vs\. \[3\]/s);
    expect(() => run('NoSuchOp')).toThrow(/NoSuchOp/);
    expect(Array.from(tf.add([1, 2], [3, 4]).dataSync())).toEqual([4, 6]);
  });

  test('leave nothing behind: small constants stay few however many there were', () => {
    const x = tf.tensor1d([1, 2, 3]);
    const count = () => (backend.binding as unknown as Counted).getNumOfTensors();
    const before = count();
    for (let i = 0; i < 3000; i++) tf.tidy(() => void tf.sum(tf.mul(x, i)));
    expect(count() - before).toBeLessThan(1100);
    expect(tf.tidy(() => tf.mul(x, 3).arraySync())).toEqual([3, 6, 9]);
  });
});

test('text and long arrays are no small constants', () => {
  const constants = new SmallConstants({ createTensor: () => 1, deleteTensor: () => {} });
  expect(constants.idOf(['a'], [1], 7)).toBeUndefined();
  expect(constants.idOf(new Float32Array(17), [17], 1)).toBeUndefined();
  expect(constants.idOf(new Float32Array(16), [16], 1)).toBe(1);
});
