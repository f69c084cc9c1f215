import { DataError, OptionError, RandomStream, RandomStreams, ShapeError } from '@ltml/tensor';
import { expectClose } from '@ltml/tensor/testing';
import * as tf from '@tensorflow/tfjs-core';
import { describe, expect, it } from 'vitest';
import {
  featureLabelAlignment,
  MlcNcHead,
  mlcNcConfigSchema,
  mlcNcLoss,
  mlcNcWeights,
  orthonormalBasis,
  prototypeContrast,
  prototypeMeans,
  prototypesOf,
  simplexEtf,
} from '../src/index.ts';

it.each([
  [2, 2],
  [9, 4],
  [40, 40],
])('a frame of %i features and %i classes has columns of length 1 and cosines of −1/(C − 1)', (D, C) => {
  tf.tidy(() => {
    const frame = simplexEtf(orthonormalBasis(D, C, new RandomStream(3)));
    const gram = tf.matMul(frame, frame, true, false).dataSync();
    const expected = Array.from({ length: C * C }, (_, i) => (i % (C + 1) === 0 ? 1 : -1 / (C - 1)));
    expectClose(gram, expected, { absolute: 2e-6 });
  });
});

describe('the alignment', () => {
  const vectors = [
    [1, 0, 0],
    [-0.5, Math.sqrt(3) / 2, 0],
    [-0.5, -Math.sqrt(3) / 2, 0],
  ];

  it('is least for features on their vectors, and opposite to none of the others', () => {
    tf.tidy(() => {
      const e = tf.tensor2d(vectors);
      const labels = tf.tensor2d([[1, 0, 0]]);
      // The feature of class 1 lies on the vector of class 0, that of class 2 on the one of class 1.
      const h = tf.tensor3d([[vectors[0], vectors[0], vectors[1]]]);
      expectClose(featureLabelAlignment(h, e, labels).dataSync(), [-Math.log1p(1e-6)], { absolute: 1e-6 });
      const worst = featureLabelAlignment(tf.tensor3d([vectors]), e, tf.zeros([1, 3]));
      expect(worst.dataSync()[0]).toBeGreaterThan(11);
    });
  });

  it('has the gradient of its differences, and none of what is not known or has no direction', () => {
    const random = new RandomStream(1);
    const h = Array.from({ length: 12 }, () => random.normal());
    h.fill(0, 9);
    tf.tidy(() => {
      const e = tf.tensor2d(
        Array.from({ length: 6 }, () => random.normal()),
        [2, 3],
      );
      const [labels, known] = [tf.tensor2d([1, 0, 0, 1], [2, 2]), tf.tensor2d([1, 1, 0, 1], [2, 2])];
      const loss = (x: tf.Tensor): tf.Scalar => featureLabelAlignment(x as tf.Tensor3D, e, labels, { known });
      const of = (values: number[]): number => loss(tf.tensor3d(values, [2, 2, 3])).dataSync()[0];
      const gradient = tf
        .grad(loss)(tf.tensor3d(h, [2, 2, 3]))
        .dataSync();
      const moved = (i: number, by: number): number[] => h.map((value, j) => (j === i ? value + by : value));
      const differences = h.map((_, i) => (i < 9 ? (of(moved(i, 1e-2)) - of(moved(i, -1e-2))) / 2e-2 : 0));
      expectClose(gradient, differences, { relative: 1e-2, absolute: 1e-3 });
      expect(Array.from(gradient.slice(6)).every((value) => value === 0)).toBe(true);
    });
  });
});

it('prototypes are means over all that was seen, and zeros of what was not', () => {
  tf.tidy(() => {
    const z = tf.tensor3d([
      [
        [1, 0],
        [0, 1],
      ],
      [
        [0, 1],
        [1, 1],
      ],
    ]);
    const start = { sums: tf.zeros<tf.Rank.R2>([2, 2]), counts: tf.zeros<tf.Rank.R1>([2]) };
    const known = tf.tensor2d([
      [1, 1],
      [1, 0],
    ]);
    const once = prototypeMeans(
      start,
      z,
      tf.tensor2d([
        [1, 0],
        [1, 1],
      ]),
      known,
    );
    const twice = prototypeMeans(
      once,
      z,
      tf.tensor2d([
        [1, 0],
        [0, 0],
      ]),
    );
    expectClose(prototypesOf(twice).dataSync(), [2 / 3, 1 / 3, 0, 0]);
    const contrast = prototypeContrast(
      z,
      prototypesOf(twice),
      tf.tensor2d([
        [1, 0],
        [0, 0],
      ]),
    );
    const cosine = 2 / Math.sqrt(5);
    expectClose(contrast.dataSync(), [Math.log(Math.exp(2 * cosine) + 1) - 2 * cosine], { relative: 1e-5 });
  });
});

it('is 0 of no images, of nothing known and of weights of 0', () => {
  tf.tidy(() => {
    const [B, C, D, P] = [0, 3, 4, 2];
    const outputs = (images: number) => ({
      logits: tf.ones<tf.Rank.R2>([images, C]),
      classFeatures: tf.ones<tf.Rank.R3>([images, C, D]),
      projected: tf.ones<tf.Rank.R3>([images, C, P]),
      classVectors: tf.ones<tf.Rank.R2>([C, D]),
      prototypes: tf.ones<tf.Rank.R2>([C, P]),
    });
    const [empty, zeros] = [tf.zeros<tf.Rank.R2>([B, C]), tf.zeros<tf.Rank.R2>([2, C])];
    expect(mlcNcLoss(outputs(0), empty).loss.dataSync()[0]).toBe(0);
    expect(mlcNcLoss(outputs(2), zeros, { known: zeros }).loss.dataSync()[0] + 0).toBe(0);
    const none = { twoWay: 0, alignment: 0, prototype: 0 };
    expect(Object.keys(mlcNcLoss(outputs(2), zeros, { weights: none }))).toEqual(['loss']);
    const { logits, ...others } = outputs(2);
    const gradient = tf.grad((x) => mlcNcLoss({ ...others, logits: x as tf.Tensor2D }, zeros, { weights: none }).loss);
    expect(Array.from(gradient(logits).dataSync())).toEqual([0, 0, 0, 0, 0, 0]);
    expect(Object.keys(mlcNcLoss(outputs(2), zeros, { weights: mlcNcWeights.alignment }))).toEqual([
      'alignment',
      'loss',
    ]);
  });
});

describe('the head', () => {
  const create = (options: object = {}) =>
    new MlcNcHead({
      features: 5,
      classes: 3,
      width: 8,
      projection: 4,
      heads: 2,
      random: new RandomStreams(1),
      ...options,
    });

  it('has logits within √C, attention that adds up to 1, and drops some of it in training', () => {
    const head = create({ dropout: 0.5 });
    tf.tidy(() => {
      const places = tf.randomNormal([2, 3, 3, 5], 0, 1, 'float32', 1);
      const trained = head.forward(places).logits.dataSync();
      head.eval();
      const { logits, attention, projected } = head.forward(places);
      expect(trained).not.toEqual(logits.dataSync());
      expect(Math.max(...Array.from(logits.dataSync(), Math.abs))).toBeLessThanOrEqual(Math.sqrt(3) + 1e-5);
      expectClose(tf.sum(attention, 3).dataSync(), new Array(12).fill(1), { relative: 1e-5 });
      expectClose(tf.norm(projected, 2, 2).dataSync(), new Array(6).fill(1), { relative: 1e-5 });
      // Tokens are places in a row.
      expectClose(head.forward(tf.reshape(places, [2, 9, 5])).logits.dataSync(), logits.dataSync());
    });
    head.dispose();
  });

  it('fixes the frame of its classifier, or trains it as the code does', () => {
    for (const trainClassifier of [false, true]) {
      const head = create({ trainClassifier });
      expect([...head.namedParameters()].some(([name]) => name === 'classifier_etf')).toBe(trainClassifier);
      expect([...head.namedBuffers()].some(([name]) => name === 'class_vectors')).toBe(true);
      head.dispose();
    }
  });

  it('leaves no tensor behind', () => {
    const before = tf.memory().numTensors;
    create().dispose();
    expect(tf.memory().numTensors).toBe(before);
  });
});

it('refuses what makes no sense', () => {
  tf.tidy(() => {
    const [h, e, y] = [tf.ones<tf.Rank.R3>([1, 3, 4]), tf.ones<tf.Rank.R2>([3, 4]), tf.zeros<tf.Rank.R2>([1, 3])];
    expect(() => featureLabelAlignment(h, tf.ones([2, 4]), y)).toThrow(ShapeError);
    expect(() => featureLabelAlignment(h, e, tf.fill([1, 3], -1))).toThrow(DataError);
    expect(() => featureLabelAlignment(h, e, y, { epsilon: 0 })).toThrow(OptionError);
    expect(() => prototypeContrast(h, e, y, { temperature: 0 })).toThrow(OptionError);
    const outputs = { logits: y, classFeatures: h, projected: h, classVectors: e, prototypes: e };
    const weighted = (weights: object) => () => mlcNcLoss(outputs, y, { weights: { ...mlcNcWeights.all, ...weights } });
    expect(weighted({ alignment: -1 })).toThrow('options.weights.alignment should be');
    expect(weighted({ aligment: 1 })).toThrow('the unknown option "aligment"');
    expect(() => prototypesOf({ sums: e, counts: tf.zeros([2]) })).toThrow(ShapeError);
    expect(() => simplexEtf(tf.ones([2, 3]))).toThrow(OptionError);
    expect(() => orthonormalBasis(3, 1, new RandomStream(0))).toThrow(OptionError);
  });
  const head = (options: object) => () =>
    new MlcNcHead({ features: 5, classes: 9, width: 8, heads: 2, random: new RandomStreams(1), ...options });
  expect(head({})).toThrow(/a multiple of 2 heads from C = 9 on, got 8/);
  expect(head({ classes: 1 })).toThrow(OptionError);
  expect(() => mlcNcConfigSchema.parse({ width: 10, heads: 4 })).toThrow(/multiple of heads/);
});

it('lets nothing in from labels that are not known, and keeps no tensor but its terms', () => {
  const outputs = {
    logits: tf.tensor2d([[0.5, Number.NaN, -1]]),
    classFeatures: tf.tensor3d([
      [
        [1, 2],
        [Number.NaN, 0],
        [2, 1],
      ],
    ]),
    projected: tf.tensor3d([
      [
        [1, 2],
        [Number.NaN, 0],
        [2, 1],
      ],
    ]),
    classVectors: tf.tensor2d([
      [1, 0],
      [-0.5, 0.8],
      [-0.5, -0.8],
    ]),
    prototypes: tf.tensor2d([
      [1, 1],
      [0, 1],
      [1, 0],
    ]),
  };
  const [labels, known] = [tf.tensor2d([[1, 1, 0]]), tf.tensor2d([[1, 0, 1]])];
  const before = tf.memory().numTensors;
  const terms = mlcNcLoss(outputs, labels, { known });
  expect(tf.memory().numTensors).toBe(before + 4);
  expect(Number.isFinite(terms.loss.dataSync()[0])).toBe(true);
  tf.tidy(() => {
    const loss = (name: 'classFeatures' | 'projected') => (x: tf.Tensor) =>
      mlcNcLoss({ ...outputs, [name]: x }, labels, { known }).loss;
    for (const name of ['classFeatures', 'projected'] as const) {
      const gradient = tf.grad(loss(name))(outputs[name]).dataSync();
      expect(gradient.every(Number.isFinite)).toBe(true);
      expect(gradient.slice(2, 4).every((g) => g === 0)).toBe(true);
    }
    const start = { sums: tf.zeros<tf.Rank.R2>([3, 2]), counts: tf.zeros<tf.Rank.R1>([3]) };
    const { sums } = prototypeMeans(start, outputs.projected, labels, known);
    expect(Array.from(sums.dataSync())).toEqual([1, 2, 0, 0, 0, 0]);
    const wrong = tf.tensor2d([[1, 2, 0]]);
    expect(() => prototypeMeans(start, outputs.projected, wrong)).toThrow(DataError);
  });
  tf.dispose([outputs, labels, known, terms]);
});
