import { RandomStream } from '@ltml/tensor';
import { expectClose } from '@ltml/tensor/testing';
import * as tf from '@tensorflow/tfjs-core';
import { describe, expect, it } from 'vitest';
import { randomTensor } from '../../tensor/test/support.ts';
import { SemanticAttention, SemanticDecoupling } from '../src/index.ts';

const [B, H, W, D, C, E] = [2, 3, 2, 4, 3, 5];

describe('SemanticDecoupling', () => {
  const create = () =>
    new SemanticDecoupling({ features: D, wordFeatures: E, innerFeatures: 6, random: new RandomStream(4) });
  const map = randomTensor<tf.Tensor4D>([B, H, W, D], 1);
  const words = randomTensor<tf.Tensor2D>([C, E], 2);

  it('looks where its definition says, without ever making [B, L, C, D]', () => {
    const module = create();
    const [w1, w2, w3, w4] = [module.fc1, module.fc2, module.fc3, module.fc4].map(({ weight }) => weight.variable);
    const rows = tf.reshape(map, [B * H * W, 1, D]);
    const u = tf.reshape(tf.matMul(tf.reshape(rows, [-1, D]), w1 as never), [B * H * W, 1, 6]);
    const v = tf.reshape(tf.matMul(words, w2 as never), [1, C, 6]);
    const inner = tf.add(tf.matMul(tf.reshape(tf.tanh(tf.mul(u, v)), [-1, 6]), w3 as never), module.fc3.bias!.variable);
    const scores = tf.add(tf.matMul(inner as tf.Tensor2D, w4 as never), module.fc4.bias!.variable);
    const expected = tf.softmax(tf.transpose(tf.reshape(scores, [B, H * W, C]), [0, 2, 1]));
    const { attention, features } = module.forward(map, words);
    expectClose(attention.dataSync(), expected.dataSync(), { absolute: 1e-6 });
    expectClose(tf.sum(attention, 2).dataSync(), new Array(B * C).fill(1));
    // A weighted mean of the positions lies within their range.
    const [low, high] = [tf.min(map, [1, 2]), tf.max(map, [1, 2])].map((bound) => tf.expandDims(bound, 1));
    expect(tf.min(tf.sub(features, low)).dataSync()[0]).toBeGreaterThan(-1e-6);
    expect(tf.min(tf.sub(high, features)).dataSync()[0]).toBeGreaterThan(-1e-6);
    module.dispose();
  });

  it('has the published names', () => {
    const module = create();
    expect([...module.namedParameters()].map(([name]) => name)).toEqual([
      'fc1.weight',
      'fc2.weight',
      'fc3.weight',
      'fc3.bias',
      'fc4.weight',
      'fc4.bias',
    ]);
    module.dispose();
  });

  it('refuses a map that is none', () => {
    const module = create();
    expect(() => module.forward(tf.zeros([2, 3]) as never, words)).toThrow(/SemanticDecoupling.forward: map should be/);
    module.dispose();
  });
});

describe('SemanticAttention', () => {
  it('sums the transformed map under a mask for each class', () => {
    const module = new SemanticAttention({ channels: D, features: 3, classes: C, random: new RandomStream(4) });
    const map = randomTensor<tf.Tensor4D>([B, H, W, D], 1);
    const { attention, features } = module.forward(map);
    const masks = module.fc.weight.variable.dataSync();
    const values = map.dataSync();
    const expected = Float64Array.from({ length: B * C * H * W }, (_, i) => {
      const [b, c, l] = [Math.floor(i / (C * H * W)), Math.floor(i / (H * W)) % C, i % (H * W)];
      let score = 0;
      for (let d = 0; d < D; d++) score += values[(b * H * W + l) * D + d] * masks[d * C + c];
      return 1 / (1 + Math.exp(-score));
    });
    expectClose(attention.dataSync(), expected);
    const transformed = tf.reshape(module.conv_transform.forward(map), [B, H * W, 3]) as tf.Tensor3D;
    expectClose(features.dataSync(), tf.matMul(attention, transformed).dataSync());
    module.dispose();
  });
});
