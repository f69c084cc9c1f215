import { RandomStream } from '@ltml/tensor';
import { expectClose } from '@ltml/tensor/testing';
import * as tf from '@tensorflow/tfjs-core';
import { describe, expect, it } from 'vitest';
import {
  BalancedQueue,
  candidateLogProbabilities,
  checkViews,
  dsclLoss,
  dsclMinimum,
  dsclMultiLabelImage,
  dsclMultiLabelInstances,
  gatherInstances,
  gradientParts,
  gradientRatio,
  instancesOf,
  LabelledQueue,
  multiLabelTargets,
  ProjectionHead,
  pbsdLoss,
  sclLoss,
} from '../src/index.ts';

const rows = (count: number): tf.Tensor2D => tf.tensor2d(new Float32Array(2 * count).fill(Math.SQRT1_2), [count, 2]);
const queue = (K: number) => ({ keys: rows(K), labels: tf.zeros([K], 'int32') as tf.Tensor1D, classes: 3 });

describe('a contrastive loss', () => {
  it('of no images is empty, and so is its gradient', () => {
    for (const candidates of ['queue', 'inbatch'] as const) {
      const labels = tf.tensor1d([], 'int32');
      const loss = (x: tf.Tensor) => dsclLoss(x as tf.Tensor2D, rows(0), labels, queue(2), { candidates });
      expect(loss(rows(0)).shape).toEqual([0]);
      expect(tf.grad(loss)(rows(0)).shape).toEqual([0, 2]);
    }
  });

  it('over no past keys has the own key alone, and is 0', () => {
    const labels = tf.tensor1d([0, 1], 'int32');
    expectClose(sclLoss(rows(2), rows(2), labels, queue(0)).dataSync(), [0, 0], { absolute: 1e-5 });
  });

  it('takes classes of any type', () => {
    for (const candidates of ['queue', 'inbatch'] as const) {
      const [whole, real] = (['int32', 'float32'] as const).map((type) =>
        dsclLoss(rows(2), rows(2), tf.tensor1d([0, 1], type), queue(2), { candidates }).dataSync(),
      );
      expectClose(real, whole, { relative: 0, absolute: 0 });
    }
  });

  it.each([
    { temperature: 0 },
    { temperature: Infinity },
    { epsilon: -1 },
    { epsilon: Number.NaN },
    { alpha: 2 },
    { alpha: Number.NaN },
    { candidates: 'all' },
    { emptyPositives: 'none' },
    { tau: 1 },
  ])('refuses %j', (options) => {
    const labels = tf.tensor1d([0], 'int32');
    expect(() => dsclLoss(rows(1), rows(1), labels, queue(1), options as never)).toThrow(/dsclLoss: options/);
  });

  it('has no minimum for a share beyond 1 or half a positive', () => {
    expect(() => dsclMinimum(1.5, 1)).toThrow(/alpha/);
    expect(() => dsclMinimum(0.5, 1.5)).toThrow(/positives/);
  });
});

it('distils nothing from no patches, or no images', () => {
  for (const [L, B] of [
    [0, 2],
    [2, 0],
  ]) {
    const patches = tf.zeros([L, B, 2]) as tf.Tensor3D;
    const loss = (x: tf.Tensor) => pbsdLoss({ teachers: patches, students: x as tf.Tensor3D }, rows(B), rows(3));
    expect(loss(patches).shape).toEqual([L, B]);
    expect(tf.grad(loss)(patches).shape).toEqual([L, B, 2]);
  }
});

describe('a queue', () => {
  const options = { size: 4, dimension: 2, classes: 2, random: new RandomStream(1) };

  it.each([0, -1, 1.5, Number.NaN, Infinity])('refuses %d of anything', (count) => {
    for (const name of ['size', 'dimension', 'classes']) {
      expect(() => new LabelledQueue({ ...options, [name]: count })).toThrow(`LabelledQueue: options.${name}`);
      expect(() => new BalancedQueue({ ...options, [name]: count })).toThrow(`BalancedQueue: options.${name}`);
    }
  });

  it('refuses a start that it does not know, and fewer slots than classes where each has its own', () => {
    expect(() => new LabelledQueue({ ...options, start: 'full' as never })).toThrow(/one of random, empty/);
    expect(() => new BalancedQueue({ ...options, size: 1 })).toThrow(/options\.size should be a whole number ≥ 2/);
  });
});

describe('labels of images', () => {
  const twoKeys = {
    keys: rows(2),
    labels: tf.tensor2d([
      [1, -1],
      [0, 1],
    ]),
  };
  const three = (bad: number) =>
    tf.tensor2d(
      [
        [1, 0],
        [0, bad],
      ],
      [2, 2],
    );

  it.each([Number.NaN, 2, 0.5, -2, 257])('of several classes are not %d', (bad) => {
    const at = `${bad} at [1,1]`;
    expect(() => dsclMultiLabelImage(rows(2), rows(2), three(bad), twoKeys)).toThrow(at);
    expect(() => dsclMultiLabelImage(rows(2), rows(2), three(1), { ...twoKeys, labels: three(bad) })).toThrow(at);
    expect(() => multiLabelTargets(three(bad), twoKeys.labels)).toThrow(at);
    expect(() => instancesOf(three(bad))).toThrow(at);
  });

  it.each([Number.NaN, 3, 0.5, -1])('of one class are not %d', (bad) => {
    const labels = tf.tensor1d([0, bad]);
    const at = `${bad} at [1]`;
    const rest = [rows(2), rows(2), labels, queue(2)] as const;
    for (const call of [sclLoss, dsclLoss, gradientParts, gradientRatio]) expect(() => call(...rest)).toThrow(at);
    const held = { ...queue(2), labels };
    expect(() => dsclLoss(rows(2), rows(2), tf.tensor1d([0, 1]), held)).toThrow(`queue.labels should be`);
    const options = { size: 4, dimension: 2, classes: 3, random: new RandomStream(1) };
    for (const kept of [new LabelledQueue(options), new BalancedQueue(options)]) {
      expect(() => kept.enqueue(rows(2), labels)).toThrow(at);
    }
  });

  it('mean the same in every type', () => {
    const [real, whole] = (['float32', 'int32'] as const).map((type) => {
      const labels = tf.cast(three(1), type);
      const marks = { ...twoKeys, labels: tf.cast(twoKeys.labels, type) };
      return [
        ...dsclMultiLabelImage(rows(2), rows(2), labels, marks).dataSync(),
        ...instancesOf(labels).classes.dataSync(),
      ];
    });
    expect(whole).toEqual(real);
    const classes = (type: 'int32' | 'float32') => ({
      images: tf.tensor1d([0, 1], type),
      classes: tf.tensor1d([1, 0], type),
    });
    const embeddings = tf.ones<tf.Rank.R3>([2, 2, 2]);
    for (const reduction of ['mean', 'class-mean'] as const) {
      const [a, b] = (['int32', 'float32'] as const).map(
        (type) => dsclMultiLabelInstances(embeddings, embeddings, classes(type), queue(2), { reduction }).dataSync()[0],
      );
      expect(a).toBe(b);
    }
  });
});

it('compares no image, or with no key, or by no class, to the right value', () => {
  for (const [B, K, C] of [
    [0, 2, 3],
    [2, 0, 3],
    [2, 2, 0],
  ]) {
    const labels = tf.ones<tf.Rank.R2>([B, C]);
    const keys = { keys: rows(K), labels: tf.ones<tf.Rank.R2>([K, C]) };
    const loss = (x: tf.Tensor) => dsclMultiLabelImage(x as tf.Tensor2D, rows(B), labels, keys);
    // With all keys alike, −log p₊ of 1 + K candidates.
    expectClose(loss(rows(B)).dataSync(), new Float32Array(B).fill(Math.log(1 + K)), { absolute: 1e-5 });
    expect(tf.grad(loss)(rows(B)).shape).toEqual([B, 2]);
    expect(multiLabelTargets(labels, keys.labels).queue.shape).toEqual([B, K]);
  }
  const none = tf.tensor1d([], 'int32');
  expect(gradientRatio(rows(0), rows(0), none, queue(2)).shape).toEqual([0]);
  expect([...gradientRatio(rows(1), rows(1), tf.tensor1d([0], 'int32'), queue(0)).dataSync()]).toEqual([Infinity]);
  expect(gradientParts(rows(0), rows(0), none, queue(2)).queue.shape).toEqual([0, 2]);
});

it('gives no instances a gradient of 0', () => {
  const instances = instancesOf(tf.zeros([2, 3]));
  const embeddings = tf.ones<tf.Rank.R3>([2, 3, 2]);
  const loss = (x: tf.Tensor) => dsclMultiLabelInstances(x as tf.Tensor3D, embeddings, instances, queue(2));
  const { value, grad } = tf.valueAndGrad(loss)(embeddings);
  expect([...value.dataSync(), ...grad.dataSync()]).toEqual(new Array(13).fill(0));
  expect(tf.grad((x) => gatherInstances(x as tf.Tensor3D, instances))(embeddings).shape).toEqual([2, 3, 2]);
});

it('refuses instances of images or classes that there are not', () => {
  const embeddings = tf.ones<tf.Rank.R3>([2, 3, 2]);
  const instances = { images: tf.tensor1d([0, 2], 'int32'), classes: tf.tensor1d([0, 3], 'int32') };
  expect(() => gatherInstances(embeddings, instances)).toThrow('instances.images should be whole numbers from 0 to 1');
  const inRange = { ...instances, images: tf.tensor1d([0, 1], 'int32') };
  expect(() => dsclMultiLabelInstances(embeddings, embeddings, inRange, queue(2))).toThrow('3 at [1]');
});

it.each([Number.NaN, Infinity])('keeps keys that are %d out of queues', (bad) => {
  const options = { size: 4, dimension: 2, classes: 2, random: new RandomStream(1) };
  const keys = tf.tensor2d([
    [0, 1],
    [bad, 0],
  ]);
  for (const kept of [new LabelledQueue(options), new BalancedQueue(options)]) {
    expect(() => kept.enqueue(keys, tf.tensor1d([0, 1], 'int32'))).toThrow(`keys should be finite numbers, got ${bad}`);
  }
});

it.each([
  [{ weighting: 'jacard' }, /options\.weighting should be one of binary, jaccard/],
  [{ unknown: 'absent' }, /options\.unknown should be one of ignore, negative/],
  [{ alpha: Number.NaN }, /options\.alpha/],
  [{ alpha: -1 }, /options\.alpha/],
  [{ weight: 1 }, /unknown option "weight"/],
])('has no multi-label targets by %j', (options, message) => {
  const labels = tf.ones<tf.Rank.R2>([1, 2]);
  expect(() => multiLabelTargets(labels, labels, options as never)).toThrow(message);
  const keys = { keys: rows(1), labels };
  expect(() => dsclMultiLabelImage(rows(1), rows(1), labels, keys, options as never)).toThrow(message);
});

it.each([0, -1, 1.5, Number.NaN, Infinity])('makes no head or views of %d', (count) => {
  const random = new RandomStream(1);
  expect(() => new ProjectionHead({ features: count, random })).toThrow('ProjectionHead: options.features');
  expect(() => new ProjectionHead({ features: 2, dimension: count, random })).toThrow('options.dimension');
  const sizes = { viewSize: 2, patchSize: 1, patches: 0 };
  for (const name of ['viewSize', 'patchSize']) {
    const view = tf.zeros([1, 2, 2, 3]);
    const call = () => checkViews({ query: view, key: view }, { ...sizes, [name]: count });
    expect(call).toThrow(`checkViews: sizes.${name}`);
  }
});

it.each([0, -1, Number.NaN, Infinity])('has no probabilities at the temperature %d', (temperature) => {
  const call = () => candidateLogProbabilities(rows(1), rows(1), rows(1), temperature);
  expect(call).toThrow('candidateLogProbabilities: temperature should be a finite number > 0');
});
