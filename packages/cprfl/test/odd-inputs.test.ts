import { RandomStream, RandomStreams } from '@ltml/tensor';
import * as tf from '@tensorflow/tfjs-core';
import { describe, expect, it } from 'vitest';
import { attentionMaps, CprflHead, PiNetwork, PooledHead, VsiLayer, VsiNetwork } from '../src/index.ts';
import { randomTensor, smallConfig, smallHead } from './support.ts';

const random = () => new RandomStream(1);

describe.each([1, 2])('a head of %d layers', (depth) => {
  const head = smallHead(smallConfig({ vsi: { depth } }));

  it('gives nothing for no images, with a gradient', () => {
    for (const none of [tf.zeros([0, 2, 3, 5]), tf.zeros([0, 6, 5])]) {
      const { logits, attention, classFeatures } = head.forward(none);
      expect([logits.shape, attention.shape, classFeatures.shape]).toEqual([
        [0, 4],
        [0, 2, 4, 10],
        [0, 4, 6],
      ]);
      expect(tf.grad((x) => head.forward(x).logits)(none).shape).toEqual(none.shape);
    }
  });

  it('refuses a map without a place, and prompts of another head', () => {
    expect(() => head.forward(tf.zeros([1, 0, 3, 5]))).toThrow(/of at least one place/);
    expect(() => head.forward(tf.zeros([1, 6, 5]), tf.zeros([3, 6]))).toThrow(/prompts should be \[4, 6\]/);
  });

  it('leaves nothing behind but what it gives, outside a tidy too', () => {
    const tokens = randomTensor<tf.Tensor3D>([2, 6, 5], 3);
    const before = tf.memory().numTensors;
    tf.dispose(head.forward(tokens));
    tf.grad((x) => head.forward(x).logits)(tokens).dispose();
    tf.dispose(head.prompts());
    expect(tf.memory().numTensors).toBe(before);
  });
});

it('has a head of one class', () => {
  const head = smallHead(smallConfig(), { B: 2, L: 6, C: 1, I: 5, M: 7 });
  const { logits, attention } = head.forward(randomTensor([2, 6, 5], 3));
  expect([logits.shape, attention.shape]).toEqual([
    [2, 1],
    [2, 2, 1, 7],
  ]);
  expect(logits.dataSync().every(Number.isFinite)).toBe(true);
});

it('refuses embeddings of no class, and those that are not finite', () => {
  const make = (classEmbeddings: tf.Tensor2D, features = 5) =>
    new CprflHead({ features, classEmbeddings, width: 6, random: new RandomStreams(1) });
  expect(() => make(tf.zeros([0, 7]))).toThrow(/options\.classEmbeddings should be a whole number ≥ 1, got 0/);
  expect(() => make(tf.tensor2d([1, Number.NaN], [2, 1]))).toThrow(/NaN at \[1,0\]/);
  for (const bad of [0, 1.5, Number.NaN]) expect(() => make(tf.ones([2, 3]), bad)).toThrow(/options\.features/);
});

describe('a pooled head', () => {
  const head = new PooledHead({ features: 3, classes: 2, random: random() });

  it('gives nothing for no images, and leaves nothing behind', () => {
    expect(head.forward(tf.zeros([0, 2, 2, 3])).logits.shape).toEqual([0, 2]);
    expect(() => head.forward(tf.zeros([2, 3]))).toThrow(/PooledHead\.forward: featureMap/);
    const map = tf.ones([1, 2, 2, 3]);
    const before = tf.memory().numTensors;
    tf.dispose(head.forward(map));
    tf.grad((x) => head.forward(x).logits)(map).dispose();
    expect(tf.memory().numTensors).toBe(before);
  });

  it.each([0, -1, 1.5, Number.NaN, Infinity])('has no sizes of %d', (bad) => {
    expect(() => new PooledHead({ features: bad, classes: 2, random: random() })).toThrow(
      /PooledHead: options\.features/,
    );
    expect(() => new PooledHead({ features: 2, classes: bad, random: random() })).toThrow(
      /PooledHead: options\.classes/,
    );
  });
});

describe('prompt initialisation', () => {
  const options = { embeddingWidth: 3, width: 4, expansion: 0.5, linear: false };

  it.each([
    ['embeddingWidth', 0],
    ['width', 1.5],
    ['expansion', 0],
    ['expansion', 0.2],
    ['expansion', Number.NaN],
    ['expansion', Infinity],
    ['linear', 1],
    ['expnsion', 1],
  ])('refuses a %s of %d', (name, bad) => {
    expect(() => new PiNetwork({ ...options, random: random(), [name]: bad })).toThrow(/PiNetwork: options/);
  });

  it('makes no prompts of no classes, and leaves nothing behind', () => {
    const network = new PiNetwork({ ...options, random: random() });
    expect(network.forward(tf.zeros([0, 3])).shape).toEqual([0, 4]);
    const words = tf.ones([2, 3]);
    const before = tf.memory().numTensors;
    network.forward(words).dispose();
    expect(tf.memory().numTensors).toBe(before);
  });
});

it.each([
  ['width', 0],
  ['heads', 1.5],
  ['headWidth', Number.NaN],
  ['hiddenWidth', -1],
  ['dropout', 1],
  ['norm', 'post'],
  ['outputProjection', 'mlp'],
  ['scale', 'heads'],
  ['residual', 1],
])('has no layer with a %s of %s', (name, bad) => {
  const options = { width: 6, ...smallConfig().vsi, random: new RandomStreams(1), [name]: bad };
  expect(() => new VsiLayer(options as never)).toThrow(`VsiLayer: options.${name}`);
  expect(() => new VsiNetwork({ ...options, depth: 0 } as never)).toThrow('VsiNetwork: options.depth');
});

it.each([0, -1, 1.5, Number.NaN, Infinity])('shows no attention %d places high or wide', (bad) => {
  const attention = tf.zeros<tf.Rank.R4>([1, 2, 3, 7]);
  expect(() => attentionMaps(attention, { height: bad, width: 2 })).toThrow(/attentionMaps: options\.height/);
  expect(() => attentionMaps(attention, { height: 2, width: bad })).toThrow(/attentionMaps: options\.width/);
});

it('shows the attention to no image', () => {
  expect(attentionMaps(tf.zeros([0, 2, 3, 7]), { height: 2, width: 2 }).shape).toEqual([0, 3, 2, 2]);
  expect(() => attentionMaps(tf.zeros([3, 7]) as never, { height: 2, width: 2 })).toThrow(/attentionMaps: attention/);
});
