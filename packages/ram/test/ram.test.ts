import { MatchingHead, matchScores, multiMatchingLoss, Ram, ramConfigSchema, sinkhorn } from '@ltml/ram';
import { DataError, OptionError, RandomStreams, ShapeError } from '@ltml/tensor';
import { expectClose } from '@ltml/tensor/testing';
import * as tf from '@tensorflow/tfjs-core';
import { expect, it } from 'vitest';

const normal = <R extends tf.Rank>(shape: tf.ShapeMap[R], seed: number): tf.Tensor<R> =>
  tf.randomNormal<R>(shape, 0, 1, 'float32', seed);

it('transports what rows have to what columns want', () => {
  const cost = tf.abs(normal<tf.Rank.R3>([2, 5, 3], 1));
  const [rows, columns] = [tf.softmax(normal<tf.Rank.R2>([2, 5], 2)), tf.fill<tf.Rank.R2>([2, 3], 1 / 3)];
  const plan = sinkhorn(rows as tf.Tensor2D, columns, cost, { threshold: 1e-6 });
  expectClose(tf.sum(plan, 1).dataSync(), columns.dataSync(), { relative: 1e-5 });
  expectClose(tf.sum(plan, 2).dataSync(), rows.dataSync(), { relative: 1e-2 });
  // A stronger entropy spreads more.
  const spread = sinkhorn(rows as tf.Tensor2D, columns, cost, { regularization: 100 });
  const even = tf.tile(tf.div(tf.expandDims(rows, 2), 3), [1, 1, 3]);
  expectClose(spread.dataSync(), even.dataSync(), { relative: 5e-2 });
  expect(() => sinkhorn(columns, columns, cost)).toThrow(ShapeError);
  expect(() => sinkhorn(rows as tf.Tensor2D, columns, cost, { regularization: 0 })).toThrow(OptionError);
});

it('has one softmax over all pairs of a batch, of those that are known', () => {
  const logits = tf.tensor2d([
    [1, 2],
    [0, -1],
  ]);
  const labels = tf.tensor2d([
    [0, 1],
    [1, 0],
  ]);
  const total = Math.log([1, 2, 0, -1].reduce((sum, x) => sum + Math.exp(x), 0));
  expectClose(multiMatchingLoss(logits, labels).dataSync(), [(total - 2 + total - 0) / 2], { relative: 1e-5 });
  const known = tf.tensor2d([
    [1, 1],
    [0, 1],
  ]);
  const part = Math.log([1, 2, -1].reduce((sum, x) => sum + Math.exp(x), 0));
  expectClose(multiMatchingLoss(logits, labels, known).dataSync(), [part - 2], { relative: 1e-5 });
  expect(multiMatchingLoss(logits, tf.zeros([2, 2])).dataSync()[0] + 0).toBe(0);
  expect(() => multiMatchingLoss(logits, tf.fill([2, 2], -1))).toThrow(DataError);
  expect(() => multiMatchingLoss(logits, labels, tf.fill([2, 2], 0.5))).toThrow(/known should be 0 or 1 .* got 0.5/);
});

it('gives each class the places that look like it, and keeps nothing but its results', () => {
  const head = new MatchingHead();
  const texts = tf.eye(3) as tf.Tensor2D;
  const patches = tf.expandDims(tf.tile(tf.eye(3), [2, 1]), 0) as tf.Tensor3D;
  const features = tf.tensor2d([[1, 0, 0]]);
  const before = tf.memory().numTensors;
  const matches = head.forward({ features, patches }, texts);
  expect(tf.memory().numTensors).toBe(before + 2);
  // Each class has a third of the mass, at places where its cosine is 1.
  expectClose(tf.mul(matches.local, 0.002).dataSync(), [1 / 3, 1 / 3, 1 / 3], { absolute: 1e-3 });
  expectClose(tf.sum(matchScores(matches), 1).dataSync(), [1], { relative: 1e-5 });
  expect(() => new MatchingHead({ regularization: 0 })).toThrow(OptionError);
  head.dispose();
});

it('scores any embeddings as it does its own classes', () => {
  const classEmbeddings = normal<tf.Rank.R2>([3, 6], 3);
  const task = { classes: ['a', 'b', 'c'], statistics: { trainCount: 0, classCounts: [], cooccurrence: [] } };
  const learner = new Ram(task, { features: 6, classEmbeddings }, ramConfigSchema.parse({}), new RandomStreams(1));
  const tokens = normal<tf.Rank.R3>([2, 5, 6], 4);
  expect(learner.predictClasses(tokens, classEmbeddings).dataSync()).toEqual(learner.predict(tokens).dataSync());
  expect(() => learner.labelScorer(['owl'])).toThrow('parts.textTower');
  learner.dispose();
});
