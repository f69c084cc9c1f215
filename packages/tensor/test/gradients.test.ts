import { differentiate, disposeGradients, OptionError, Parameter } from '@ltml/tensor';
import { expectClose } from '@ltml/tensor/testing';
import * as tf from '@tensorflow/tfjs-core';
import { expect, test } from 'vitest';

const step = (a: Parameter, b: Parameter) => () => {
  const square = tf.sum(tf.square(a.variable)) as tf.Scalar;
  const product = tf.sum(tf.mul(a.variable, b.variable)) as tf.Scalar;
  const loss = tf.add(square, product) as tf.Scalar;
  return { loss, terms: { square, product, total: loss } };
};

const make = () => [new Parameter(tf.tensor1d([1, 2])), new Parameter(tf.tensor1d([3, -1]))] as const;

test('gives loss, terms and gradients', () => {
  const [a, b] = make();
  const { loss, terms, gradients } = differentiate(step(a, b), [a, b]);
  // a² + a b = 5 + 1; by a: 2 a + b; by b: a
  expectClose(loss.dataSync(), [6]);
  expect(Object.keys(terms)).toEqual(['square', 'product', 'total']);
  expectClose(
    [terms.square, terms.product, terms.total].flatMap((term) => [...term.dataSync()]),
    [5, 1, 6],
  );
  expectClose(gradients.get(a)!.dataSync(), [5, 3]);
  expectClose(gradients.get(b)!.dataSync(), [1, 2]);
});

test('a parameter that was not asked for or is not reached has no entry', () => {
  const [a, b] = make();
  const far = new Parameter(tf.tensor1d([1]));
  const { gradients } = differentiate(step(a, b), [a, far]);
  expect([...gradients.keys()]).toEqual([a]);
});

test('refuses to differentiate by nothing', () => {
  const [a, b] = make();
  expect(() => differentiate(step(a, b), [])).toThrow(OptionError);
});

test('leaves what it hands back and nothing else', () => {
  const [a, b] = make();
  const before = tf.memory().numTensors;
  const { loss, terms, gradients } = differentiate(step(a, b), [a, b]);
  expect(tf.memory().numTensors).toBe(before + 1 + 3 + 2);
  disposeGradients(gradients);
  tf.dispose([loss, ...Object.values(terms)]);
  expect(tf.memory().numTensors).toBe(before);
});

test('a scale of the loss leaves loss, terms and gradients as they are', () => {
  const [a, b] = make();
  const plain = differentiate(step(a, b), [a, b]);
  const { loss, terms, gradients } = differentiate(step(a, b), [a, b], { lossScale: 1024 });
  expect([loss, terms.total, gradients.get(a)!].map((x) => [...x.dataSync()])).toEqual(
    [plain.loss, plain.terms.total, plain.gradients.get(a)!].map((x) => [...x.dataSync()]),
  );
  expect(() => differentiate(step(a, b), [a, b], { lossScale: 0 })).toThrow(/options.lossScale.*> 0/);
});
