import { RandomStream } from '@ltml/tensor';
import * as tf from '@tensorflow/tfjs-core';
import { describe, expect, it } from 'vitest';
import {
  combineStreams,
  distillationLoss,
  freezeLayers,
  labelRetrieval,
  labelStreams,
  lastLayer,
  layerDecayGroups,
  localEvidence,
  TwoStreamHead,
  topKPool,
} from '../src/index.ts';
import { makeBatch, PixelEncoder, setup } from './support.ts';

/** Freed memory that an engine which reads what is not there would find. */
const leaveTraces = () => tf.dispose(Array.from({ length: 64 }, (_, i) => tf.fill([1 + 3 * i], 1234.5)));

it('has a distillation loss of 0 and gradients of 0 for no images', () => {
  leaveTraces();
  const none = tf.zeros([0, 4]) as tf.Tensor2D;
  for (const reduction of ['mean', 'rowNorm'] as const) {
    const { value, grad } = tf.valueAndGrad((x) => distillationLoss(x as tf.Tensor2D, none, { reduction }))(none);
    expect([value.dataSync()[0], ...grad.shape]).toEqual([0, 0, 4]);
  }
});

it('counts images by marks of any type', () => {
  const [student, teacher] = [tf.ones([2, 3]) as tf.Tensor2D, tf.zeros([2, 3]) as tf.Tensor2D];
  for (const type of ['float32', 'int32', 'bool'] as const) {
    const counted = tf.tensor1d([1, 0], type);
    expect(distillationLoss(student, teacher, { counted, reduction: 'rowNorm' }).dataSync()[0]).toBe(3);
  }
});

it('pools and compares no images, or no labels, to an empty tensor, and no patches to nothing', () => {
  expect(topKPool(tf.zeros([0, 3, 2]), 2).shape).toEqual([0, 2]);
  expect(topKPool(tf.zeros([2, 3, 0]), 2).shape).toEqual([2, 0]);
  expect(() => topKPool(tf.zeros([2, 0, 3]), 2)).toThrow(/topKPool: similarities should be at least one patch/);
  const image = (B: number, N: number) => ({
    features: tf.ones([B, 4]) as tf.Tensor2D,
    patches: tf.ones([B, N, 4]) as tf.Tensor3D,
  });
  for (const [B, C] of [
    [0, 3],
    [2, 0],
  ]) {
    const streams = labelStreams(image(B, 5), tf.ones([C, 4]));
    expect([streams.global.shape, streams.local.shape]).toEqual([
      [B, C],
      [B, C],
    ]);
  }
  expect(() => labelStreams(image(2, 0), tf.ones([3, 4]))).toThrow(/labelStreams: image\.patches/);
});

it('refuses options out of range, and names that it does not know', () => {
  const scores = tf.ones([1, 2, 3]) as tf.Tensor3D;
  for (const k of [0, -1, 1.5, Number.NaN, Infinity])
    expect(() => topKPool(scores, k)).toThrow(/k should be a whole number/);
  const image = { features: tf.ones([1, 4]) as tf.Tensor2D, patches: tf.ones([1, 2, 4]) as tf.Tensor3D };
  for (const options of [{ topK: 0 }, { labelsAtOnce: Number.NaN }, { topk: 2 }]) {
    expect(() => labelStreams(image, tf.ones([3, 4]), options)).toThrow(/labelStreams: options/);
  }
  const streams = { global: tf.ones([1, 2]) as tf.Tensor2D, local: tf.ones([1, 2]) as tf.Tensor2D };
  expect(() => combineStreams(streams, { combine: 'max' } as never)).toThrow(/one of mean, sum, global, local/);
  expect(() => combineStreams(streams, { normalize: 'no' } as never)).toThrow(/true or false/);
});

it('lets gradients of 0 flow through what has no images, or no labels', () => {
  leaveTraces();
  const image = (B: number) => ({ features: tf.ones<tf.Rank.R2>([B, 4]), patches: tf.ones<tf.Rank.R3>([B, 5, 4]) });
  for (const [B, C] of [
    [0, 3],
    [2, 0],
  ]) {
    const { features, patches } = image(B);
    const score = (x: tf.Tensor, y: tf.Tensor, labels: tf.Tensor) =>
      combineStreams(labelStreams({ features: x as tf.Tensor2D, patches: y as tf.Tensor3D }, labels as tf.Tensor2D));
    const grads = tf.grads(score)([features, patches, tf.ones([C, 4])]);
    expect(grads.map(({ shape }) => shape)).toEqual([
      [B, 4],
      [B, 5, 4],
      [C, 4],
    ]);
    expect(grads.flatMap((grad) => [...grad.dataSync()]).every((x) => x === 0)).toBe(true);
    expect(localEvidence(image(B), tf.ones([C, 4])).shape).toEqual([B, 5, C]);
    const similarities = tf.ones<tf.Rank.R3>([B, 5, C]);
    expect(tf.grad((x) => topKPool(x as tf.Tensor3D, 2))(similarities).shape).toEqual([B, 5, C]);
  }
});

it('has a ranking loss of 0 for no images', () => {
  const { mkt, dispose } = setup();
  const none = tf.zeros<tf.Rank.R2>([0, 4]);
  expect(mkt.rankingLoss(none, { labels: none, known: none }).dataSync()[0]).toBe(0);
  dispose();
});

it.each([Number.NaN, -1, 2, 0.5])('refuses a label, or a mark, of %d with its place', (bad) => {
  const student = tf.ones<tf.Rank.R2>([2, 3]);
  const counted = tf.tensor1d([1, bad]);
  expect(() => distillationLoss(student, student, { counted })).toThrow(
    `options.counted should be 0 or 1 everywhere, got ${bad}`,
  );
  const { mkt, dispose } = setup();
  const rows = [
    [1, 0, 1, 0],
    [0, 1, bad, 0],
  ];
  for (const batch of [
    makeBatch(rows),
    makeBatch(
      rows.map(() => [1, 0, 1, 0]),
      rows,
    ),
  ]) {
    expect(() => mkt.rankingLoss(tf.zeros([2, 4]), batch)).toThrow(`${bad} at [1,2]`);
  }
  dispose();
});

it.each([0, -1, 1.5, Number.NaN, Infinity])('makes no head of %d features', (count) => {
  const options = { features: 4, embedding: 3, local: 'mlp' as const, random: new RandomStream(1) };
  for (const name of ['features', 'embedding']) {
    expect(() => new TwoStreamHead({ ...options, [name]: count })).toThrow(`TwoStreamHead: options.${name}`);
  }
});

it('has heads by the names it knows, for tokens of their width', () => {
  const options = { features: 4, embedding: 3, local: 'mlp' as const, random: new RandomStream(1) };
  expect(() => new TwoStreamHead({ ...options, local: 'encoder' as never })).toThrow(/one of mlp, shared/);
  expect(() => new TwoStreamHead({ ...options, locl: 'mlp' } as never)).toThrow(/unknown option "locl"/);
  for (const local of ['mlp', 'shared'] as const) {
    const head = new TwoStreamHead({ ...options, local });
    const tokens = (B: number, W: number) => ({
      features: tf.ones<tf.Rank.R2>([B, W]),
      patches: tf.ones<tf.Rank.R3>([B, 2, W]),
    });
    expect(() => head.forward(tokens(1, 5))).toThrow(/TwoStreamHead\.forward: tokens\.features should be \[B, 4\]/);
    expect(head.forward(tokens(0, 4)).patches.shape).toEqual([0, 2, 3]);
  }
});

describe('layers', () => {
  const student = new PixelEncoder(3, new RandomStream(1));
  const options = { learningRate: 1, weightDecay: 0, layerDecay: 0.5, depth: 1 };

  it.each([
    ['learningRate', -1],
    ['learningRate', Number.NaN],
    ['weightDecay', Infinity],
    ['layerDecay', 0],
    ['layerDecay', 1.5],
    ['depth', 0],
    ['depth', 1.5],
  ])('have no groups by a %s of %d', (name, bad) => {
    const call = () => layerDecayGroups(student.namedParameters(), { ...options, [name]: bad });
    expect(call).toThrow(`layerDecayGroups: options.${name}`);
  });

  it.each([-2, 0.5, Number.NaN, 99])('are not frozen up to %d', (upTo) => {
    expect(() => freezeLayers(student, upTo)).toThrow('freezeLayers: upTo should be a whole number in [-1, 1]');
  });

  it('are all frozen up to the last', () => {
    expect(freezeLayers(student, lastLayer(student))).toEqual(['proj.weight', 'proj.bias']);
  });
});

it('retrieves as many labels as there are others, of embeddings that are finite', () => {
  const embeddings = { shape: [2, 2], data: [1, 0, 0, 1] };
  for (const k of [0, 2, 1.5, Number.NaN])
    expect(() => labelRetrieval(embeddings, ['a', 'a'], { k })).toThrow(/options\.k/);
  expect(labelRetrieval(embeddings, ['a', 'a'], { k: 1 })).toBe(1);
  const odd = { shape: [2, 2], data: [1, 0, Number.NaN, 1] };
  expect(() => labelRetrieval(odd, ['a', 'a'], { k: 1 })).toThrow('NaN in row 1');
});
