import { RandomStream } from '@ltml/tensor';
import { expectClose } from '@ltml/tensor/testing';
import * as tf from '@tensorflow/tfjs-core';
import { describe, expect, it } from 'vitest';
import { randomTensor } from '../../tensor/test/support.ts';
import {
  blendInstances,
  cooccurrenceAdjacency,
  ElementWiseLinear,
  GatedGraphNetwork,
  GraphClassifier,
} from '../src/index.ts';
import { randomLabels } from './support.ts';

const [B, C, D] = [2, 3, 4];
const adjacency = [
  [1, 0.5, 0],
  [0.25, 1, 0.75],
  [0, 0, 0],
];

const sigmoid = (x: number): number => 1 / (1 + Math.exp(-x));

/** The steps of the graph network as they are written, in plain loops. */
function graphSteps(network: GatedGraphNetwork, nodes: Float64Array, steps: number): Float64Array {
  const layer = ({ weight, bias }: GatedGraphNetwork['fc_1_w'], x: readonly number[]): number[] => {
    const [w, b] = [weight.variable.dataSync(), bias!.variable.dataSync()];
    return Array.from({ length: D }, (_, o) => x.reduce((sum, value, i) => sum + value * w[i * D + o], b[o]));
  };
  let h = Array.from({ length: B * C }, (_, i) => Array.from(nodes.subarray(i * D, (i + 1) * D)));
  for (let step = 0; step < steps; step++) {
    h = h.map((own, row) => {
      const first = Math.floor(row / C) * C;
      const i = row % C;
      const spread = (weightOf: (j: number) => number): number[] =>
        own.map((_, d) => adjacency.reduce((sum, _, j) => sum + weightOf(j) * h[first + j][d], 0));
      const a = [...spread((j) => adjacency[i][j]), ...spread((j) => adjacency[j][i])];
      const add = (x: number[], y: number[]): number[] => x.map((value, d) => value + y[d]);
      const z = add(layer(network.fc_1_w, a), layer(network.fc_1_u, own)).map(sigmoid);
      const r = add(layer(network.fc_2_w, a), layer(network.fc_2_u, own)).map(sigmoid);
      const reset = own.map((value, d) => r[d] * value);
      const g = add(layer(network.fc_3_w, a), layer(network.fc_3_u, reset)).map(Math.tanh);
      return own.map((value, d) => (1 - z[d]) * value + z[d] * g[d]);
    });
  }
  return Float64Array.from(h.flat());
}

describe('GatedGraphNetwork', () => {
  for (const steps of [1, 2, 4]) {
    it(`is its definition over ${steps} steps`, () => {
      const network = new GatedGraphNetwork({ features: D, adjacency, steps, random: new RandomStream(1) });
      const nodes = randomTensor<tf.Tensor3D>([B, C, D], 2);
      const expected = graphSteps(network, Float64Array.from(nodes.dataSync()), steps);
      expectClose(network.forward(nodes).dataSync(), expected);
      network.dispose();
    });
  }

  it('refuses no step and other classes than the graph has', () => {
    const options = { features: D, adjacency, random: new RandomStream(1) };
    expect(() => new GatedGraphNetwork({ ...options, steps: 0 })).toThrow(/steps should be a whole number ≥ 1, got 0/);
    const network = new GatedGraphNetwork(options);
    expect(() => network.forward(tf.zeros([1, 5, D]))).toThrow(/adjacency should be/);
    network.dispose();
  });
});

describe('GraphClassifier', () => {
  const create = (graph = adjacency) =>
    new GraphClassifier({ features: D, adjacency: graph, random: new RandomStream(3) });

  it('joins the nodes after the graph and before it, in this order', () => {
    const classifier = create();
    const features = randomTensor<tf.Tensor3D>([B, C, D], 4);
    const joined = tf.concat([classifier.GraphNeuralNetwork.forward(features), features], 2);
    const expected = classifier.classifiers.forward(tf.tanh(classifier.fc.forward(joined)) as tf.Tensor3D);
    expectClose(classifier.forward(features).dataSync(), expected.dataSync(), { absolute: 1e-6 });
    classifier.dispose();
  });

  it('blends embedded features as it embeds blended ones, with the same gradients', () => {
    const classifier = create();
    const features = randomTensor<tf.Tensor3D>([4, C, D], 4);
    const batch = randomLabels(4, C, 5);
    const alpha = tf.scalar(0.3);
    const after = (x: tf.Tensor, share: tf.Tensor): tf.Tensor =>
      classifier.forward(blendInstances({ features: x as tf.Tensor3D, ...batch }, { alpha: share }).features);
    const before = (x: tf.Tensor, share: tf.Tensor): tf.Tensor => {
      const embedded = classifier.embed(x as tf.Tensor3D);
      return classifier.classify(blendInstances({ features: embedded, ...batch }, { alpha: share }).features);
    };
    expectClose(before(features, alpha).dataSync(), after(features, alpha).dataSync(), { absolute: 1e-6 });
    const dy = randomTensor([4, C], 6);
    const [expected, actual] = [after, before].map((logits) => tf.grads(logits)([features, alpha], dy));
    for (const [i, gradient] of actual.entries()) {
      expectClose(gradient.dataSync(), expected[i].dataSync(), { absolute: 1e-5 });
    }
    classifier.dispose();
  });

  it('permutes the logits with the classes', () => {
    const order = [2, 0, 1];
    const [classifier, permuted] = [create(), create(order.map((i) => order.map((j) => adjacency[i][j])))];
    const { weight, bias } = classifier.classifiers;
    permuted.classifiers.weight.variable.assign(tf.gather(weight.variable, order));
    permuted.classifiers.bias!.variable.assign(tf.gather(bias!.variable, order));
    const features = randomTensor<tf.Tensor3D>([B, C, D], 7);
    expectClose(
      permuted.forward(tf.gather(features, order, 1)).dataSync(),
      tf.gather(classifier.forward(features), order, 1).dataSync(),
      { absolute: 1e-6 },
    );
    for (const module of [classifier, permuted]) module.dispose();
  });
});

describe('ElementWiseLinear', () => {
  it('is one binary classifier for each class', () => {
    const layer = new ElementWiseLinear({ classes: C, features: D, bias: false, random: new RandomStream(1) });
    const x = randomTensor<tf.Tensor3D>([B, C, D], 2);
    const [values, w] = [x.dataSync(), layer.weight.variable.dataSync()];
    const expected = Float64Array.from({ length: B * C }, (_, i) => {
      let sum = 0;
      for (let d = 0; d < D; d++) sum += values[i * D + d] * w[(i % C) * D + d];
      return sum;
    });
    expectClose(layer.forward(x).dataSync(), expected);
    layer.dispose();
  });
});

describe('cooccurrenceAdjacency', () => {
  it('is P(j|i), and zero for a class without a known positive', () => {
    const statistics = {
      trainCount: 9,
      classCounts: [4, 2, 0],
      cooccurrence: [
        [4, 1, 0],
        [1, 2, 0],
        [0, 0, 0],
      ],
    };
    expect(cooccurrenceAdjacency(statistics)).toEqual([
      [1, 0.25, 0],
      [0.5, 1, 0],
      [0, 0, 0],
    ]);
  });
});
