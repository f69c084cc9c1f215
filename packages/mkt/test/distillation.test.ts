import { distillationLoss } from '@ltml/mkt';
import { expectClose } from '@ltml/tensor/testing';
import * as tf from '@tensorflow/tfjs-core';
import { expect, it } from 'vitest';

const student = () =>
  tf.tensor2d([
    [1, -2, 3],
    [0, 0, 0],
    [5, 5, 5],
  ]);
const teacher = () =>
  tf.tensor2d([
    [0, 1, 3],
    [1, 1, -2],
    [0, 0, 0],
  ]);

function run(options: Parameters<typeof distillationLoss>[2]) {
  return tf.tidy(() => {
    const { value, grad } = tf.valueAndGrad((x) => distillationLoss(x as tf.Tensor2D, teacher(), options))(student());
    return { value: value.dataSync()[0], grad: [...grad.dataSync()] };
  });
}

it('is the mean distance, or the mean of the norms', () => {
  expectClose([run({}).value, run({ reduction: 'rowNorm' }).value], [23 / 9, 23 / 3]);
});

it('has the sign as gradient, 0 where both are equal', () => {
  expectClose(
    run({}).grad,
    [1, -1, 0, -1, -1, 1, 1, 1, 1].map((sign) => sign / 9),
  );
  expectClose(
    run({ reduction: 'rowNorm' }).grad,
    [1, -1, 0, -1, -1, 1, 1, 1, 1].map((sign) => sign / 3),
  );
});

it('leaves out images that do not count', () => {
  tf.tidy(() => {
    const counted = tf.tensor1d([1, 1, 0]);
    const { value, grad } = run({ counted });
    expectClose([value], [8 / 6]);
    expectClose(
      grad,
      [1, -1, 0, -1, -1, 1, 0, 0, 0].map((sign) => sign / 6),
    );
  });
});

it('is 0 where no image counts', () => {
  tf.tidy(() => {
    const { value, grad } = run({ counted: tf.zeros([3]) });
    expect(value).toBe(0);
    for (const entry of grad) expect(entry + 0).toBe(0);
  });
});

it('gives the teacher no gradient', () => {
  tf.tidy(() => {
    const gradient = tf.grad((x) => distillationLoss(student(), tf.mul(x, 1) as tf.Tensor2D));
    expect(() => gradient(teacher())).toThrow();
  });
});

it('refuses other shapes and reductions', () => {
  tf.tidy(() => {
    expect(() => distillationLoss(student(), tf.zeros([3, 2]))).toThrow(/teacher should be \[B, D\] = \[3, 3\]/);
    expect(() => distillationLoss(student(), teacher(), { reduction: 'sum' as never })).toThrow(/one of mean, rowNorm/);
  });
});

it('leaks no tensors', () => {
  const before = tf.memory().numTensors;
  run({});
  expect(tf.memory().numTensors).toBe(before);
});
